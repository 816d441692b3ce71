import { effect, signal } from '@preact/signals';
import { ApiProblem, call, Unreachable } from '../api/http';
import type { SyncResponse } from '../api/types';
import { phase, user } from '../auth/session';
import { attentionOf, gather, note } from './conflicts';
import { meta, STORES, type Attention, type Command, type Database, type Sent } from './db';
import { sendable, take } from './queue';
import { db, filled, fresh, loaded, queue as waiting, show, tasks } from './store';

const RESOURCES = ['tasks', 'reminders', 'notifications', 'preferences'];
const LONGEST_WAIT = 60; // seconds between tries

/** Whether the server was reached the last time. */
export const link = signal<'ok' | 'busy' | 'offline' | 'failed'>('busy');

let running: Promise<void> | null = null;
let next: Promise<void> | null = null;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Sends what waits and takes what changed, in a run that begins after the call; where one goes on, the calls meanwhile make one more. Safe to
 * call at any time: one tab does it at a time. What is returned ends with the run, also where it failed: `link` says how it went.
 */
export function sync(): Promise<void> {
  if (running) return (next ??= running.then(() => ((next = null), sync())));
  running = attempt().finally(() => (running = null));
  return running;
}

/** The same, soon: several messages make one request. */
export function syncSoon(milliseconds = 400): void {
  clearTimeout(timer);
  timer = setTimeout(() => void sync(), milliseconds);
}

async function attempt(): Promise<void> {
  if (phase.value !== 'in' || !user.value || !loaded.value) return;
  clearTimeout(timer);
  try {
    await navigator.locks.request(`todoflow-sync-${user.value.id}`, drain);
    failures = 0;
    link.value = 'ok';
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return; // the session says so
    link.value = error instanceof Unreachable || error instanceof ApiProblem && error.status >= 500 ? 'offline' : 'failed';
    const wait = error instanceof ApiProblem ? error.retryAfter : 0;
    syncSoon(1000 * Math.max(wait, Math.min(LONGEST_WAIT, 2 ** failures++)));
  }
}

async function drain(): Promise<void> {
  const opened = await db();
  for (let more = true; more; ) {
    const token = (await meta(opened, 'token')) ?? null;
    const commands = await take(opened);
    try {
      const response = await call('post', '/api/sync', { sync_token: token, resources: RESOURCES, commands: commands.map(sendable) });
      const done = await commit(opened, response, commands, token === null && response.full);
      more = response.has_more || (done > 0 && (await opened.count('queue')) > 0);
    } catch (error) {
      if (!(error instanceof ApiProblem && error.status === 410 && token)) throw error;
      await opened.put('meta', null, 'token'); // start anew; what waits is kept
    }
  }
}

// The rows, the queue and the token together, or none of them.
async function commit(opened: Database, response: SyncResponse, commands: Command[], reset: boolean): Promise<number> {
  const { changes, results, sync_token } = response;
  const rows = fresh(changes, reset);
  const tx = opened.transaction(STORES, 'readwrite');
  const queue = tx.objectStore('queue');
  const state = tx.objectStore('meta');
  if (reset) for (const store of ['tasks', 'reminders', 'notifications'] as const) void tx.objectStore(store).clear();
  for (const { resource, id } of changes.removed) {
    if (resource === 'tasks' || resource === 'reminders' || resource === 'notifications') void tx.objectStore(resource).delete(id);
  }
  for (const row of rows) void tx.objectStore('tasks').put(row);
  for (const row of changes.reminders) void tx.objectStore('reminders').put(row);
  for (const row of changes.notifications) void tx.objectStore('notifications').put(row);
  if (changes.preferences) void state.put(changes.preferences, 'preferences');

  const done = new Set(results.filter(({ status }) => status !== 'not_run').map(({ id }) => id));
  let told: Attention[] | undefined;
  if (done.size > 0) {
    const sent = ((await state.get('sent')) as Sent | undefined) ?? {};
    const news: Attention[] = [];
    for (const result of results) {
      const command = commands.find(({ id }) => id === result.id);
      if (!command || !done.has(result.id)) continue;
      const one = attentionOf(command, result, sent, titleOf(command));
      if (one) news.push(one);
      if (!result.problem) note(sent, command);
    }
    for (let cursor = await queue.openCursor(); cursor; cursor = await cursor.continue()) {
      if (done.has(cursor.value.id)) void cursor.delete();
    }
    const more = (await queue.count()) > 0 || waiting.peek().some(({ id }) => !done.has(id)); // one may not have been written yet
    void state.put(more ? sent : {}, 'sent');
    if (news.length > 0) {
      told = gather(((await state.get('attention')) as Attention[] | undefined) ?? [], news);
      void state.put(told, 'attention');
    }
  }
  void state.put(sync_token, 'token');
  await tx.done;
  filled.value = filled.value || !response.has_more;
  show({
    reset, tasks: rows, reminders: changes.reminders, notifications: changes.notifications, removed: changes.removed,
    preferences: changes.preferences ?? null, done: [...done], ...(told ? { attention: told } : {}),
  });
  return done.size;
}

/** What a command is about, as the user calls it. */
export function titleOf({ task_id, args }: Command): string {
  return (typeof args.title === 'string' && args.title) || (task_id && tasks.value.get(task_id)?.title) || '';
}

/** Syncs when there is a reason to: at the start, after a sign-in, when the network is back, and when the page is looked at. */
export function startSync(): void {
  addEventListener('online', () => void sync());
  addEventListener('offline', () => (link.value = 'offline'));
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void sync());
  effect(() => {
    if (phase.value === 'in' && loaded.value) void sync();
  });
}
