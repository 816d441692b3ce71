import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { open, type Command, type Database } from '../src/sync/db';
import { add, merge, sendable, take } from '../src/sync/queue';
import { command } from './task';

let db: Database;
let users = 0;
beforeEach(async () => void (db = await open(`queue${users++}`, { brokenOff: () => undefined, deleted: () => undefined })));
afterEach(() => db.close());

const fresh = (type: Command['type'], task_id: string | null, args: Record<string, unknown> = {}, rest: Partial<Command> = {}) => command(type, task_id, args, { unsent: true, ...rest });
const queued = () => db.getAll('queue');
async function type(...commands: Command[]): Promise<(string | null)[]> {
  const replaced = [];
  for (const one of commands) {
    await add(db, one);
    replaced.push(await merge(db, one));
  }
  return replaced;
}

describe('a request has', () => {
  test('a hundred commands at most, and what it has is no longer unsent', async () => {
    for (let i = 0; i < 101; i++) await add(db, fresh('complete', `${i}`));
    expect(await take(db)).toHaveLength(100);
    expect((await queued()).filter(({ unsent }) => unsent).map(({ task_id }) => task_id)).toEqual(['100']);
  });

  test('as many as fit in what the server takes, counted as they are sent', async () => {
    for (let i = 0; i < 40; i++) await add(db, fresh('update', `${i}`, { description: '漢'.repeat(10_000) })); // 30 kB each
    const bytes = Buffer.byteLength(JSON.stringify((await take(db)).map(sendable)));
    expect(bytes).toBeGreaterThan(860_000);
    expect(bytes).toBeLessThan(901_000);
  });

  test('one command at least', async () => {
    for (let i = 0; i < 2; i++) await add(db, fresh('update', `${i}`, { description: 'x'.repeat(950_000) }));
    expect(await take(db)).toHaveLength(1);
  });

  test('nothing that is only the device’s', () => {
    expect(Object.keys(sendable(fresh('restore', 'a', {}, { before: {} as never })))).toEqual(['id', 'type', 'task_id', 'args', 'base_version', 'client_time']);
  });
});

describe('a text that is typed on', () => {
  test('takes the place of what was typed before, in its place and with its base version', async () => {
    const first = fresh('update', 'a', { description: 'On' }, { base_version: 3 });
    const second = fresh('update', 'a', { description: 'Once' }, { base_version: 4 });
    await type(first, fresh('complete', 'b'));
    expect(await type(second)).toEqual([first.id]);
    expect(await queued()).toMatchObject([{ id: second.id, args: { description: 'Once' }, base_version: 3 }, { task_id: 'b' }]);
  });

  test('does not where a request may have had that', async () => {
    await type(fresh('update', 'a', { description: 'On' }));
    await take(db);
    expect(await type(fresh('update', 'a', { description: 'Once' }), fresh('update', 'a', { description: 'Once upon' }))).toEqual([null, expect.any(String)]);
    expect((await queued()).map(({ args }) => args.description)).toEqual(['On', 'Once upon']);
  });

  test('does not where it is on its way itself', async () => {
    const [first, second] = [fresh('update', 'a', { title: 'On' }), fresh('update', 'a', { title: 'Once' })];
    await type(first);
    await add(db, second);
    await take(db);
    expect(await merge(db, second)).toBeNull();
    expect(await queued()).toHaveLength(2);
  });

  test.each([
    ['another command on the task came between', [fresh('update', 'a', { title: 'One' }), fresh('complete', 'a')]],
    ['it was another field', [fresh('update', 'a', { description: 'One' })]],
    ['it was another task', [fresh('update', 'b', { title: 'One' })]],
    ['other fields were set, too', [fresh('update', 'a', { title: 'One', priority: 'high' })]],
    ['it is the task’s first title', [fresh('create', 'a', { title: 'One' })]],
  ])('does not where %s', async (_, before) => {
    expect(await type(...before, fresh('update', 'a', { title: 'Two' }))).toEqual([...before.map(() => null), null]);
    expect(await queued()).toHaveLength(before.length + 1);
  });

  test('is a text: what else is set may do more than be set', async () => {
    expect(await type(fresh('update', 'a', { recurrence: 'none' }), fresh('update', 'a', { recurrence: 'weekly' }))).toEqual([null, null]);
  });
});
