import { describe, expect, test } from 'vitest';
import { attentionOf, note } from '../src/sync/conflicts';
import type { CommandResult } from '../src/api/types';
import type { Sent } from '../src/sync/db';
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

  test('is not what this device itself sent before', () => {
    const sent: Sent = {};
    note(sent, command('update', 'a', { title: 'First', due_date: '2026-12-01T09:00:00' }));
    const update = command('update', 'a', { title: 'Second' });
    expect(attentionOf(update, conflict(update.id, 'title', 'First', 'Second'), sent, '')).toBeNull();
    expect(attentionOf(update, conflict(update.id, 'due_date', '2026-12-01T09:00:00+01:00', null), sent, '')).toBeNull();
    expect(attentionOf(update, conflict(update.id, 'title', 'Theirs', 'Second'), sent, '')).not.toBeNull();
  });

  test('is what the server refused, with why', () => {
    const create = command('create', 'a', { title: 'Too many' });
    const refused: CommandResult = { id: create.id, status: 'rejected', problem: { status: 403, code: 'quota_exceeded', detail: 'You have 100,000 tasks.' } };
    expect(attentionOf(create, refused, {}, 'Too many')).toMatchObject({ kind: 'rejected', title: 'Too many', detail: 'You have 100,000 tasks.' });
  });

  test('is nothing where all went well', () => {
    const update = command('complete', 'a');
    expect(attentionOf(update, { id: update.id, status: 'applied', version: 2 }, {}, '')).toBeNull();
    expect(attentionOf(update, { id: update.id, status: 'duplicate', version: 2 }, {}, '')).toBeNull();
  });
});
