import { describe, expect, test } from 'vitest';
import { overlay } from '../src/sync/overlay';
import { command, task } from './task';

const copy = new Map([['a', task('a', { tags: ['home'] })], ['b', task('b')]]);

describe('what the user sees', () => {
  test('is the copy where nothing waits', () => expect(overlay(copy, [])).toEqual(copy));

  test('has what waits, in its order, and leaves the copy as it is', () => {
    const seen = overlay(copy, [
      command('create', 'c', { title: 'New', due_date: '2026-12-01' }),
      command('update', 'c', { title: 'Newer' }),
      command('complete', 'a'),
      command('delete', 'b'),
    ]);
    expect(seen.get('c')).toMatchObject({ title: 'Newer', due_date: '2026-12-01', status: 'pending', recurrence: 'none', version: 0 });
    expect(seen.get('a')?.status).toBe('completed');
    expect(seen.has('b')).toBe(false);
    expect(copy.get('a')?.status).toBe('pending');
  });

  test('has a task again whose deletion was taken back', () => {
    const before = copy.get('b')!;
    expect(overlay(copy, [command('delete', 'b'), command('restore', 'b', {}, { before })]).get('b')).toEqual(before);
  });

  test('adds and removes tags, each once', () => {
    const seen = overlay(copy, [command('add_tags', 'a', { tags: ['home', 'work'] }), command('remove_tags', 'a', { tags: ['home'] })]);
    expect(seen.get('a')?.tags).toEqual(['work']);
  });

  test('does not make a task of a change to one that is gone', () => {
    expect(overlay(copy, [command('update', 'x', { title: 'X' }), command('complete', 'x')]).has('x')).toBe(false);
  });

  test('has no recurrence where it was cleared', () => {
    expect(overlay(copy, [command('update', 'a', { recurrence: null })]).get('a')?.recurrence).toBe('none');
  });
});
