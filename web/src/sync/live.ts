import { effect, signal } from '@preact/signals';
import type { HubConnection } from '@microsoft/signalr';
import { access } from '../api/http';
import type { ReminderMessage, Task, TaskUpdate } from '../api/types';
import { phase, user } from '../auth/session';
import { ring } from '../notifications/ring';
import { db, known, loaded, show } from './store';
import { link, sync, syncSoon } from './sync';

const LATER = 1500; // milliseconds after a message until its reminders are asked for
const TOGETHER = 20; // milliseconds that messages are gathered
const MANY = 20; // messages in that time that are not shown one by one
const RETRY = 15_000; // milliseconds until a connection that failed to start is tried again

/** Whether this tab hears of changes as they happen. */
export const live = signal(false);

/** Listens to the hub, in one tab of the user's: the others are told by it. */
export function startLive(): void {
  effect(() => {
    const id = user.value?.id;
    if (!id || phase.value !== 'in' || !loaded.value) return;
    const stop = new AbortController();
    void navigator.locks.request(`todoflow-live-${id}`, { signal: stop.signal }, () => listen(stop.signal)).catch(() => undefined);
    return () => stop.abort();
  });
}

// Holds the connection, and so the lock, until it is told to stop.
async function listen(stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    let connection: HubConnection | null = null;
    try {
      connection = await connect();
      live.value = true;
      void sync();
      await ended(connection, stop);
    } catch {
      await pause(stop);
      void sync(); // where there is no hub, this is how changes come
    } finally {
      live.value = false;
      await connection?.stop();
    }
  }
}

async function connect(): Promise<HubConnection> {
  const { HubConnectionBuilder, LogLevel } = await import('@microsoft/signalr');
  const connection = new HubConnectionBuilder()
    .withUrl('/api/notifications', { accessTokenFactory: () => access.token() })
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: retryAfter })
    .configureLogging(LogLevel.None)
    .build();
  connection.on('task_update', hear);
  connection.on('reminder', (reminder: ReminderMessage) => {
    ring(reminder, true);
    syncSoon();
  });
  connection.onreconnecting(() => (live.value = false));
  connection.onreconnected(() => {
    live.value = true;
    void sync();
  });
  await connection.start();
  return connection;
}

// Where the hub does not let this device in, changes come otherwise; and the API says whether that is because the session has ended. Where
// the server was not reached, it is tried again already, at times of its own.
function retryAfter({ previousRetryCount: tries }: { previousRetryCount: number }): number {
  if (tries > 0 && link.peek() === 'ok') void sync();
  return Math.min(30_000, 250 * 2 ** tries);
}

const ended = (connection: HubConnection, stop: AbortSignal) =>
  new Promise<void>((resolve) => {
    connection.onclose(() => resolve());
    stop.addEventListener('abort', () => resolve(), { once: true });
  });

const pause = (stop: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, RETRY);
    const now = () => (clearTimeout(timer), resolve());
    addEventListener('online', now, { once: true });
    stop.addEventListener('abort', now, { once: true });
  });

let heard: TaskUpdate[] = [];
let burst: ReturnType<typeof setTimeout> | undefined;

// Messages that come together are shown together. Many at once, as of an import, are pulled instead.
function hear(update: TaskUpdate): void {
  if (heard.push(update) === 1) setTimeout(() => void take(heard.splice(0)), TOGETHER);
}

async function take(updates: TaskUpdate[]): Promise<void> {
  if (updates.length > MANY) {
    burst ??= setTimeout(() => ((burst = undefined), void sync()), LATER);
    return;
  }
  const next = new Map<string, Task | null>();
  let missing = false;
  for (const update of updates) {
    const id = update.task_id;
    const task = next.has(id) ? next.get(id) : known(id);
    if (task && task.version >= update.version) continue;
    const changed = apply(task, update);
    if (changed === undefined) missing = true;
    else next.set(id, changed);
  }
  await keep(next);
  if (missing) void sync();
  else if (next.size > 0) syncSoon(LATER);
}

// The task after a message; null where it is gone, undefined where a message before is missing.
function apply(task: Task | null | undefined, { change, version, fields, changed_at }: TaskUpdate): Task | null | undefined {
  if (change === 'deleted' || change === 'purged') return null;
  if (change === 'created' || change === 'restored') return fields as Task;
  return task?.version === version - 1 ? { ...task, ...fields, version, updated_at: changed_at } : undefined;
}

async function keep(next: ReadonlyMap<string, Task | null>): Promise<void> {
  if (next.size === 0) return;
  const tasks: Task[] = [];
  const removed: { resource: string; id: string }[] = [];
  const tx = (await db()).transaction('tasks', 'readwrite');
  for (const [id, task] of next) {
    if (task) tasks.push(task);
    else removed.push({ resource: 'tasks', id });
    void (task ? tx.store.put(task) : tx.store.delete(id));
  }
  await tx.done;
  show({ tasks, removed });
}
