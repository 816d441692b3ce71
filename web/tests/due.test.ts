import { describe, expect, test } from 'vitest';
import { addDays, dueOf, instantOf, wallOf } from '../src/tasks/due';
import { uuid7 } from '../src/sync/ids';
import { task } from './task';

const iso = (wall: string, zone: string) => new Date(instantOf(wall, zone)).toISOString();

describe('due dates', () => {
  test('of a whole day are that day everywhere', () => expect(dueOf(task('a', { due_date: '2026-12-01', time_zone: 'Asia/Tokyo' }))).toMatchObject({ day: '2026-12-01', time: null }));
  test('that cannot be read are none', () => expect(dueOf(task('a', { due_date: '2026-12-01Tnonsense' }))).toBeNull());
  test('on a clock of a zone are that instant', () => expect(iso('2026-12-01T09:30:00', 'Europe/Berlin')).toBe('2026-12-01T08:30:00.000Z'));
  test('that the clock skips move forward by the gap', () => expect(iso('2026-03-29T02:30:00', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z'));
  test('that the clock shows twice are the first', () => expect(iso('2026-10-25T02:30:00', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z'));
  test('come back as the clock of the zone shows them', () => expect(wallOf(Date.parse('2026-12-01T08:30:00Z'), 'Europe/Berlin')).toBe('2026-12-01T09:30'));
  test('move over months', () => expect([addDays('2026-12-31', 1), addDays('2026-03-01', -1)]).toEqual(['2027-01-01', '2026-02-28']));
});

describe('ids', () => {
  test('are UUIDv7, and sort by time', () => {
    expect(uuid7()).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(uuid7(1_000) < uuid7(2_000)).toBe(true);
  });
});
