import { describe, expect, test } from 'vitest';
import { attentionOf, gather, note } from '../src/sync/conflicts';
import type { CommandResult } from '../src/api/types';
import type { Sent } from '../src/sync/db';
import { FIELDS, sayField, sayValue } from '../src/sync/fields';
import { command } from './task';

const conflict = (id: string, field: string, old: unknown, value: unknown): CommandResult =>
  ({ id, status: 'conflict', version: 4, overwritten: [{ field, old, new: value }] });

describe('what the user is told of', () => {
  test('is a value of another device that was overwritten, with both', () => {
    const update = command('update', 'a', { title: 'Mine' });
    expect(attentionOf(update, conflict(update.id, 'title', 'Theirs', 'Mine'), {}, 'Mine')).toMatchObject({
      kind: 'conflict', task_id: 'a', overwritten: [{ field: 'title', old: 'Theirs', new: 'Mine' }],
    });
  });

  test('is the same where the response was lost, and it was sent again', () => {
    const update = command('update', 'a', { title: 'Mine' });
    const repeat: CommandResult = { ...conflict(update.id, 'title', 'Theirs', 'Mine'), status: 'duplicate' };
    expect(attentionOf(update, repeat, {}, 'Mine')).toMatchObject({ kind: 'conflict', overwritten: [{ field: 'title', old: 'Theirs', new: 'Mine' }] });
  });

  test('is not what this device itself sent before', () => {
    const sent: Sent = {};
    note(sent, command('update', 'a', { title: 'First', due_date: '2026-12-01T09:00:00' }));
    const update = command('update', 'a', { title: 'Second' });
    expect(attentionOf(update, conflict(update.id, 'title', 'First', 'Second'), sent, '')).toBeNull();
    expect(attentionOf(update, conflict(update.id, 'due_date', '2026-12-01T09:00:00+01:00', null), sent, '')).toBeNull();
    expect(attentionOf(update, conflict(update.id, 'title', 'Theirs', 'Second'), sent, '')).not.toBeNull();
  });

  test('is nothing that follows from other fields', () => {
    const update = command('complete', 'a');
    expect(attentionOf(update, conflict(update.id, 'completed_at', null, '2026-12-01T09:00:00Z'), {}, '')).toBeNull();
    expect(attentionOf(update, conflict(update.id, 'series_id', null, 's'), {}, '')).toBeNull();
  });

  test.each(Object.keys(FIELDS))('is any field that a person sets: %s', (field) => {
    const update = command('update', 'a', { [field]: 'mine' });
    expect(attentionOf(update, conflict(update.id, field, 'theirs', 'mine'), {}, '')?.overwritten).toEqual([{ field, old: 'theirs', new: 'mine' }]);
    expect([sayField(field), sayValue(field, 'theirs')].every(Boolean)).toBe(true);
  });

  test('is what the server refused, with why and with what was written', () => {
    const create = command('create', 'a', { title: 'Too many' });
    const refused: CommandResult = { id: create.id, status: 'rejected', problem: { status: 403, code: 'quota_exceeded', detail: 'You have 100,000 tasks.' } };
    expect(attentionOf(create, refused, {}, 'Too many')).toMatchObject({ kind: 'rejected', title: 'Too many', detail: 'You have 100,000 tasks.', args: { title: 'Too many' } });
  });

  test('is which fields the server refused, by their names', () => {
    const update = command('update', 'a', {});
    const errors = [{ field: 'args.due_date', message: 'must be a date' }, { field: 'args.title', message: 'is required' }];
    const refused: CommandResult = { id: update.id, status: 'rejected', problem: { status: 400, code: 'validation_failed', detail: '2 fields are wrong.', errors } };
    expect(attentionOf(update, refused, {}, '')?.detail).toBe('due date must be a date; title is required');
  });

  test('is nothing where all went well', () => {
    const update = command('complete', 'a');
    expect(attentionOf(update, { id: update.id, status: 'applied', version: 2 }, {}, '')).toBeNull();
    expect(attentionOf(update, { id: update.id, status: 'duplicate', version: 2 }, {}, '')).toBeNull();
  });
});

test('conflicts of one task are shown as one, with the last values of each field', () => {
  const of = (id: string, task_id: string, field: string, old: string) =>
    attentionOf(command('update', task_id, {}, { id }), conflict(id, field, old, 'mine'), {}, 'Task')!;
  const all = gather([of('1', 'a', 'title', 'x')], [of('2', 'b', 'title', 'y'), of('3', 'a', 'priority', 'low'), of('4', 'a', 'title', 'z')]);
  expect(all.map(({ id, task_id, overwritten }) => [id, task_id, overwritten.map(({ field, old }) => `${field} ${old}`)])).toEqual([
    ['1', 'a', ['priority low', 'title z']], ['2', 'b', ['title y']],
  ]);
});
