import type { Task } from '../api/types';
import type { Attention, Command } from './db';

import { db, known, show, tasks } from './store';
import { uuid7 } from './ids';
import { sync } from './sync';

/** Changes something: it shows at once, and is sent when the server can be reached. */
export function run(type: Command['type'], task_id: string | null, args: Record<string, unknown> = {}, before?: Task): void {
  const command: Command = {
    id: crypto.randomUUID(), type, task_id, args,
    base_version: (task_id && known(task_id)?.version) || null,
    client_time: new Date().toISOString(),
    ...(before ? { before } : {}),
  };
  show({ queued: [command] });
  void db().then((opened) => opened.add('queue', command)).then(() => sync());
}

/** Adds a task, and returns its id. */
export function create(args: Partial<Task> & { title: string }): string {
  const id = uuid7();
  run('create', id, args);
  return id;
}

export const update = (id: string, args: Partial<Task>): void => run('update', id, args);
export const complete = (id: string): void => run('complete', id);
export const reopen = (id: string): void => run('reopen', id);

/** Moves a task to the trash; what is returned brings it back. */
export function remove(id: string): () => void {
  const before = tasks.value.get(id);
  run('delete', id);
  return () => run('restore', id, {}, before);
}

/** The user has seen what could not be done as asked. */
export async function dismiss(gone: Attention): Promise<void> {
  const opened = await db();
  const tx = opened.transaction('meta', 'readwrite');
  const left = (((await tx.store.get('attention')) as Attention[] | undefined) ?? []).filter(({ id }) => id !== gone.id);
  await Promise.all([tx.store.put(left, 'attention'), tx.done]);
  show({ attention: left });
}

/** Of a conflict, takes the other device's values. */
export function takeTheirs(conflict: Attention): void {
  const args: Record<string, unknown> = {};
  for (const { field, old } of conflict.overwritten) args[field] = old;
  if (conflict.task_id) run('update', conflict.task_id, args);
  void dismiss(conflict);
}

