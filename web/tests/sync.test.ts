// @ts-expect-error: it has no types
import forceCloseDatabase from 'fake-indexeddb/lib/forceCloseDatabase';
import { unwrap } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CommandRequest, SyncResponse } from '../src/api/types';
import { task } from './task';

// A server that keeps what it is sent, and answers as it is told.
interface Asked { sync_token: string | null; commands: CommandRequest[] }
const asked: Asked[] = [];
const sizes: number[] = []; // of the requests, in bytes
let answers: ((request: Asked) => Response | Error | Promise<Response>)[] = [];
let users = 0;

const page = (changes: Partial<SyncResponse['changes']> = {}, rest: Partial<SyncResponse> = {}) => (request: Asked) =>
  Response.json({
    results: request.commands.map(({ id }) => ({ id, status: 'applied', version: 1 })),
    changes: { tasks: [], reminders: [], notifications: [], preferences: null, removed: [], ...changes },
    sync_token: `t${asked.length}`, has_more: false, full: request.sync_token === null, ...rest,
  });
const problem = (status: number, code: string) => () => Response.json({ status, code, title: '', detail: code, trace_id: '' }, { status });

async function device() {
  vi.resetModules();
  const session = await import('../src/auth/session');
  const http = await import('../src/api/http');
  const store = await import('../src/sync/store');
  const sync = await import('../src/sync/sync');
  const commands = await import('../src/sync/commands');
  session.user.value = { id: `user${users}`, email: '' };
  session.phase.value = 'in';
  http.access.token = () => Promise.resolve('token');
  await store.load(`user${users}`);
  return { ...session, ...store, ...sync, ...commands };
}

beforeEach(() => {
  users++;
  asked.length = 0;
  sizes.length = 0;
  answers = [];
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    const request = JSON.parse(init.body as string) as Asked;
    asked.push(request);
    sizes.push(Buffer.byteLength(init.body as string));
    const answer = (answers.shift() ?? page())(request);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
});

afterEach(() => vi.restoreAllMocks());

test('a device that starts anew takes all pages, and begins the next time where it was', async () => {
  answers = [page({ tasks: [task('a')] }, { has_more: true }), page({ tasks: [task('b')] })];
  const first = await device();
  await first.sync();
  expect([...first.tasks.value.keys()]).toEqual(['a', 'b']);
  expect(asked.map(({ sync_token }) => sync_token)).toEqual([null, 't1']);

  const again = await device();
  expect(again.tasks.value.size).toBe(2);
  await again.sync();
  expect(asked.at(-1)?.sync_token).toBe('t2');
});

test('a change shows at once, outlives the page, and is sent once the server is there', async () => {
  answers = [page(), () => new TypeError('offline')];
  const first = await device();
  await first.sync();
  const id = first.create({ title: 'Milk' });
  expect(first.tasks.value.get(id)?.title).toBe('Milk');
  await vi.waitFor(() => expect(first.link.value).toBe('offline'));

  const again = await device();
  expect(again.queue.value).toHaveLength(1);
  expect(again.tasks.value.get(id)?.title).toBe('Milk');
  answers = [page({ tasks: [task(id, { title: 'Milk' })] })];
  await again.sync();
  expect(asked.at(-1)?.commands).toMatchObject([{ type: 'create', task_id: id, args: { title: 'Milk' } }]);
  expect(again.queue.value).toHaveLength(0);
  expect(again.tasks.value.get(id)?.version).toBe(1);
});

test('what was not run stays, and is sent again', async () => {
  const it = await device();
  answers = [page(), (request) => page({}, { results: request.commands.map(({ id }) => ({ id, status: 'not_run' as const })) })(request), page()];
  await it.sync();
  it.create({ title: 'Later' });
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  await vi.waitFor(() => expect(it.link.value).toBe('ok'));
  expect(it.queue.value).toHaveLength(1);
  await it.sync();
  expect(it.queue.value).toHaveLength(0);
});

test('a token that does not serve makes the device start anew, and keeps what waits', async () => {
  answers = [page({ tasks: [task('a')] }), problem(410, 'sync_token_expired'), page({ tasks: [task('b')] })];
  const it = await device();
  await it.sync();
  it.run('complete', 'b');
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  await vi.waitFor(() => expect(it.queue.value).toHaveLength(0));
  expect(asked[2]).toMatchObject({ sync_token: null, commands: [{ type: 'complete' }] });
  expect([...it.tasks.value.keys()]).toEqual(['b']);
});

test('a row that is older than the copy does not undo it', async () => {
  answers = [page({ tasks: [task('a', { version: 3, title: 'New' })] }), page({ tasks: [task('a', { version: 2, title: 'Old' })] })];
  const it = await device();
  await it.sync();
  await it.sync();
  expect(it.tasks.value.get('a')?.title).toBe('New');
});

test('a conflict is kept until it is seen, and of each field either value can be taken', async () => {
  answers = [page({ tasks: [task('a', { title: 'Old' })] })];
  const it = await device();
  await it.sync();
  answers = [(request) => page({}, { results: request.commands.map(({ id }) => ({ id, status: 'conflict' as const, version: 3, overwritten: [{ field: 'title', old: 'Theirs', new: 'Mine' }, { field: 'priority', old: 'low', new: 'high' }, { field: 'status', old: 'completed', new: 'pending' }] })) })(request)];
  it.update('a', { title: 'Mine' });
  await vi.waitFor(() => expect(it.attention.value).toHaveLength(1));
  expect((await device()).attention.value).toHaveLength(1);
  it.settle(it.attention.value[0]!, new Set(['title', 'status']));
  await vi.waitFor(() => expect(it.attention.value).toHaveLength(0));
  await vi.waitFor(() => expect(asked.flatMap(({ commands }) => commands).slice(1)).toMatchObject([{ type: 'update', args: { title: 'Theirs' } }, { type: 'complete' }]));
});

test('more than a request may hold is sent in several', async () => {
  const it = await device();
  answers = [page(), () => new TypeError('offline')];
  await it.sync();
  for (let i = 0; i < 40; i++) it.update(`${i}`, { description: '漢'.repeat(10_000) });
  await vi.waitFor(async () => expect(await (await it.db()).count('queue')).toBe(40));
  await vi.waitFor(async () => {
    await it.sync();
    expect(it.queue.value).toHaveLength(0);
  });
  expect(new Set(asked.flatMap(({ commands }) => commands.map(({ task_id }) => task_id))).size).toBe(40);
  expect(Math.max(...sizes)).toBeLessThan(1_048_576);
});

test('what is typed while a request is on its way is sent as it stands then', async () => {
  answers = [page({ tasks: [task('a', { version: 7 })] })];
  const it = await device();
  await it.sync();
  let answer = () => undefined as void;
  answers = [(request) => new Promise((done) => (answer = () => done(page()(request))))];
  it.update('a', { description: 'On' });
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  for (const description of ['Once', 'Once upon', 'Once upon a time']) {
    it.update('a', { description });
    await new Promise((done) => setTimeout(done, 20));
  }
  expect(it.tasks.value.get('a')?.description).toBe('Once upon a time');
  answer();
  await vi.waitFor(() => expect(it.queue.value).toHaveLength(0));
  expect(asked.flatMap(({ commands }) => commands)).toMatchObject([{ args: { description: 'On' }, base_version: 7 }, { args: { description: 'Once upon a time' }, base_version: 7 }]);
});

test('a connection to the copy that has broken off is opened again', async () => {
  const it = await device();
  await it.sync();
  (await it.db()).close();
  it.create({ title: 'Milk' });
  await vi.waitFor(() => expect(asked.at(-1)?.commands).toMatchObject([{ type: 'create', args: { title: 'Milk' } }]));
  expect(it.unsaved.value).toHaveLength(0);
});

test('a connection to the copy that the browser ends is opened again for whatever comes next', async () => {
  const it = await device();
  await it.sync();
  const before = await it.db();
  forceCloseDatabase(unwrap(before));
  await vi.waitFor(async () => expect(await it.db()).not.toBe(before));
  await it.sync();
  expect(it.link.value).toBe('ok');
});

test('what cannot be written to the copy is shown no more, and told with what was written', async () => {
  answers = [page({ tasks: [task('a', { title: 'Letter' })] })];
  const it = await device();
  await it.sync();
  vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
    throw new DOMException('The disk is full.', 'QuotaExceededError');
  });
  it.update('a', { description: 'Dear Nadia' });
  expect(it.tasks.value.get('a')?.description).toBe('Dear Nadia');
  await vi.waitFor(() => expect(it.unsaved.value).toMatchObject([{ kind: 'rejected', title: 'Letter', args: { description: 'Dear Nadia' } }]));
  expect(it.tasks.value.get('a')?.description).toBeNull();
  expect(it.queue.value).toHaveLength(0);
  await it.dismiss(it.unsaved.value[0]!);
  expect(it.unsaved.value).toHaveLength(0);
});

test('a copy that was deleted is not made again', async () => {
  const it = await device();
  await it.sync();
  const name = (await it.db()).name;
  indexedDB.deleteDatabase(name);
  await vi.waitFor(async () => expect((await indexedDB.databases()).some((one) => one.name === name)).toBe(false));
  it.create({ title: 'Too late' });
  await vi.waitFor(() => expect(it.unsaved.value).toHaveLength(1));
  expect((await indexedDB.databases()).some((one) => one.name === name)).toBe(false);
});
