import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { CommandRequest, FieldChange, Notice, Preferences, Reminder, Task } from '../api/types';

/** A change that the server has not confirmed. */
export interface Command {
  id: string;
  type: CommandRequest['type'];
  task_id: string | null;
  args: Record<string, unknown>;
  base_version: number | null;
  client_time: string;
  /** The task as it was before it was deleted; stays on the device. */
  before?: Task;
  /** No request has had it yet; stays on the device. */
  unsent?: true;
}

/** What the server could not do as it was asked, and the user is to see. */
export interface Attention {
  id: string; // the command's
  kind: 'conflict' | 'rejected';
  task_id: string | null;
  title: string;
  overwritten: FieldChange[];
  detail: string;
  /** What was rejected, so that what somebody wrote is not lost with it. */
  args?: Record<string, unknown>;
  at: string;
}

/** What this device sent last, by task and field: so it knows its own values when the server says that they were overwritten. */
export type Sent = Record<string, Record<string, unknown>>;

interface Meta {
  token: string | null;
  preferences: Preferences;
  attention: Attention[];
  sent: Sent;
}

interface Schema extends DBSchema {
  tasks: { key: string; value: Task };
  reminders: { key: string; value: Reminder };
  notifications: { key: string; value: Notice };
  queue: { key: number; value: Command };
  meta: { key: keyof Meta; value: Meta[keyof Meta] };
  rung: { key: string; value: number };
}

export type Database = IDBPDatabase<Schema>;
export const STORES = ['tasks', 'reminders', 'notifications', 'queue', 'meta'] as const;

const nameOf = (userId: string) => `todoflow-${userId}`;

/** Opens the copy of a user's data on this device; what ends its connection is told. */
export function open(userId: string, ended: { brokenOff: () => void; deleted: () => void }): Promise<Database> {
  return openDB<Schema>(nameOf(userId), 1, {
    upgrade(db) {
      for (const store of ['tasks', 'reminders', 'notifications'] as const) db.createObjectStore(store, { keyPath: 'id' });
      db.createObjectStore('queue', { autoIncrement: true });
      db.createObjectStore('meta');
      db.createObjectStore('rung');
    },
    blocking(_current, _next, event) {
      (event.target as IDBDatabase).close(); // another tab deletes it
      ended.deleted();
    },
    terminated: ended.brokenOff, // by the browser
  });
}

/** Deletes the copy. */
export function drop(userId: string): Promise<void> {
  return deleteDB(nameOf(userId));
}

/** A value of the copy's own state. */
export async function meta<K extends keyof Meta>(db: Database, key: K): Promise<Meta[K] | undefined> {
  return (await db.get('meta', key)) as Meta[K] | undefined;
}
