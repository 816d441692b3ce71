import { batch, computed, signal } from '@preact/signals';
import type { Notice, Preferences, Reminder, SyncResponse, Task } from '../api/types';
import { meta, open, type Attention, type Command, type Database } from './db';
import { overlay } from './overlay';

/** What changed in the copy; told to the user's other tabs as it is. */
export interface Delta {
  reset?: boolean;
  tasks?: Task[];
  reminders?: Reminder[];
  notifications?: Notice[];
  removed?: { resource: string; id: string }[];
  preferences?: Preferences | null;
  queued?: Command[];
  done?: string[]; // ids of commands
  attention?: Attention[];
}

const copy = new Map<string, Task>();
const copied = signal(0); // counts the changes of the copy

export const queue = signal<readonly Command[]>([]);
export const reminders = signal<ReadonlyMap<string, Reminder>>(new Map());
export const notices = signal<ReadonlyMap<string, Notice>>(new Map());
export const preferences = signal<Preferences | null>(null);
export const attention = signal<readonly Attention[]>([]);
/** What could not be written to the copy: only this tab has it. */
export const unsaved = signal<readonly Attention[]>([]);
/** Whether the copy has been read from this device. */
export const loaded = signal(false);
/** Whether the copy has ever been complete. */
export const filled = signal(false);

/** What the user sees. */
export const tasks = computed<ReadonlyMap<string, Task>>(() => {
  void copied.value;
  return overlay(copy, queue.value);
});

/** Notifications, newest first, as they are with what waits. */
export const inbox = computed(() => {
  const read = new Set(queue.value.filter(({ type }) => type === 'read_notification').map(({ args }) => args.notification_id));
  return [...notices.value.values()]
    .map((notice) => (read.has(notice.id) && !notice.read_at ? { ...notice, read_at: notice.created_at } : notice))
    .sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
});
export const unread = computed(() => inbox.value.filter((notice) => !notice.read_at).length);

let owner = '';
let database: Promise<Database> | null = null;
let tabs: BroadcastChannel | null = null;

/** The copy's database; there is one once somebody is signed in, until they sign out. */
export function db(): Promise<Database> {
  if (!owner) throw new Error('Nobody is signed in.');
  return (database ??= open(owner, { brokenOff: () => (database = null), deleted: () => (owner = '') }));
}

/** Does something with the database, and once more in a new connection where that fails. */
export async function withDb<T>(act: (opened: Database) => Promise<T>): Promise<T> {
  const first = db();
  try {
    return await act(await first);
  } catch {
    if (database === first) {
      database = null;
      first.then((opened) => opened.close(), () => undefined);
    }
    return await act(await db());
  }
}

/** A task as the server last told it, without what waits. */
export const known = (id: string): Task | undefined => copy.get(id);

const PAGE = 2000; // rows read at a time, so that no long list holds up the screen

/** Opens the copy of a user and reads it. */
export async function load(userId: string): Promise<void> {
  owner = userId;
  database = null;
  tabs = new BroadcastChannel(`todoflow-${userId}`);
  tabs.onmessage = ({ data }: MessageEvent<Delta>) => apply(data);
  const opened = await db();
  await readQueue(opened);
  const [kept, notes, rows, token] = await Promise.all([
    meta(opened, 'preferences'), opened.getAll('notifications'), opened.getAll('reminders'), meta(opened, 'token'),
  ]);
  batch(() => {
    preferences.value = kept ?? null;
    notices.value = byId(notes);
    reminders.value = byId(rows);
    filled.value = Boolean(token);
  });
  for (let after: string | undefined, more = true; more; ) {
    const page = await opened.getAll('tasks', after === undefined ? null : IDBKeyRange.lowerBound(after, true), PAGE);
    for (const task of page) if (!((copy.get(task.id)?.version ?? 0) > task.version)) copy.set(task.id, task);
    copied.value++;
    more = page.length === PAGE;
    after = page.at(-1)?.id;
  }
  loaded.value = true;
}

async function readQueue(opened: Database): Promise<void> {
  const [waiting, problems] = await Promise.all([opened.getAll('queue'), meta(opened, 'attention')]);
  const ids = new Set(waiting.map(({ id }) => id));
  batch(() => {
    queue.value = [...waiting, ...queue.value.filter(({ id }) => !ids.has(id))];
    attention.value = problems ?? [];
  });
}

/** Shows a change here; `tell` tells the other tabs. */
export function show(delta: Delta): void {
  apply(delta);
  tabs?.postMessage(delta);
}

function apply(delta: Delta): void {
  batch(() => {
    if (delta.reset) {
      copy.clear();
      reminders.value = new Map();
      notices.value = new Map();
    }
    for (const { id, resource } of delta.removed ?? []) if (resource === 'tasks') copy.delete(id);
    for (const task of delta.tasks ?? []) copy.set(task.id, task);
    if (delta.reset || delta.tasks?.length || delta.removed?.length) copied.value++;
    reminders.value = merged(reminders.value, 'reminders', delta.reminders, delta.removed);
    notices.value = merged(notices.value, 'notifications', delta.notifications, delta.removed);
    if (delta.preferences) preferences.value = delta.preferences;
    if (delta.queued) queue.value = [...queue.value, ...delta.queued];
    if (delta.done?.length) queue.value = queue.value.filter(({ id }) => !delta.done!.includes(id));
    if (delta.attention) attention.value = delta.attention;
  });
}

function merged<T extends { id: string }>(
  rows: ReadonlyMap<string, T>, resource: string, changed: T[] = [], removed: { resource: string; id: string }[] = [],
): ReadonlyMap<string, T> {
  const gone = removed.filter((one) => one.resource === resource && rows.has(one.id));
  if (changed.length === 0 && gone.length === 0) return rows;
  const next = new Map(rows);
  for (const { id } of gone) next.delete(id);
  for (const row of changed) next.set(row.id, row);
  return next;
}

const byId = <T extends { id: string }>(rows: readonly T[]) => new Map(rows.map((row) => [row.id, row]));

/** What of a page is news: a row may be told twice, and a message of the hub may have been faster. */
export function fresh(changes: SyncResponse['changes'], reset: boolean): Task[] {
  return reset ? changes.tasks : changes.tasks.filter((task) => (copy.get(task.id)?.version ?? 0) <= task.version);
}
