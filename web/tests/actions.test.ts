import { beforeEach, expect, test, vi } from 'vitest';
import { task } from './task';

const update = vi.hoisted(() => vi.fn());
vi.mock('../src/sync/commands', () => ({ update, complete: vi.fn(), remove: vi.fn(), reopen: vi.fn() }));
vi.mock('../src/tasks/lists', () => ({ today: { value: '2026-03-02' } }));

const { dueOn } = await import('../src/tasks/actions');

beforeEach(() => update.mockClear());

test('a task that is put to another day keeps its time on this device, and its own zone', () => {
  dueOn(task('a', { due_date: '2026-03-02T23:30:00+09:00', time_zone: 'Asia/Tokyo' }), '2026-03-05'); // 14:30 here
  expect(update).toHaveBeenCalledWith('a', { due_date: '2026-03-05T23:30:00', time_zone: 'Asia/Tokyo' });
});

test('a day of this device may be another one in the zone of the task', () => {
  dueOn(task('a', { due_date: '2026-03-03T02:00:00+09:00', time_zone: 'Asia/Tokyo' }), '2026-03-05'); // 17:00 here, on the 2nd
  expect(update).toHaveBeenCalledWith('a', { due_date: '2026-03-06T02:00:00', time_zone: 'Asia/Tokyo' });
});

test('a whole day is put to a whole day', () => {
  dueOn(task('a', { due_date: '2026-03-02', time_zone: 'Asia/Tokyo' }), '2026-03-05');
  expect(update).toHaveBeenCalledWith('a', { due_date: '2026-03-05' });
});
