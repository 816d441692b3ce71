import { effect, signal } from '@preact/signals';
import type { HubConnection } from '@microsoft/signalr';
import { access } from '../api/http';
import type { Task } from '../api/types';
import { phase, user } from '../auth/session';
import { ring, type Ringing } from '../notifications/ring';
import { db, known, loaded, show } from './store';
import { sync, syncSoon } from './sync';

interface TaskUpdate {
  task_id: string;
  change: 'created' | 'updated' | 'completed' | 'reopened' | 'deleted' | 'restored' | 'purged';
  version: number;
  fields: Partial<Task>;
  changed_at: string;
}

const LATER = 1500; // milliseconds after a message until its reminders are asked for
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
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: ({ previousRetryCount: tries }) => Math.min(30_000, 250 * 2 ** tries) })
    .configureLogging(LogLevel.None)
    .build();
  connection.on('task_update', (update: TaskUpdate) => void hear(update));
  connection.on('reminder', (reminder: Ringing) => {
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

// The message is applied where it is the next version; otherwise the copy is brought up to date.
async function hear({ task_id, change, version, fields, changed_at }: TaskUpdate): Promise<void> {
  const task = known(task_id);
  if (task && task.version >= version) return;
  const opened = await db();
  if (change === 'deleted' || change === 'purged') {
    await opened.delete('tasks', task_id);
    show({ removed: [{ resource: 'tasks', id: task_id }] });
  } else {
    const next = change === 'created' || change === 'restored' ? (fields as Task) : task?.version === version - 1 ? { ...task, ...fields, version, updated_at: changed_at } : null;
    if (!next) return void sync();
    await opened.put('tasks', next);
    show({ tasks: [next] });
  }
  syncSoon(LATER);
}
