import type { Task } from '../api/types';
import type { Attention, Command } from './db';
import { uuid7 } from './ids';
import { add, merge } from './queue';
import { known, show, tasks, unsaved, withDb } from './store';
import { sync, titleOf } from './sync';

/** Changes something: it shows at once, and is sent when the server can be reached. */
export function run(type: Command['type'], task_id: string | null, args: Record<string, unknown> = {}, before?: Task): void {
  const command: Command = {
    id: crypto.randomUUID(), type, task_id, args,
    base_version: (task_id && known(task_id)?.version) || null,
    client_time: new Date().toISOString(), unsent: true,
    ...(before ? { before } : {}),
  };
  show({ queued: [command] });
  void withDb((opened) => add(opened, command)).then(() => written(command), () => lose(command));
}

async function written(command: Command): Promise<void> {
  const replaced = await withDb((opened) => merge(opened, command)).catch(() => null); // then both are sent
  if (replaced) show({ done: [replaced] });
  await sync();
}

// It would look as if it were saved, and never be sent.
function lose(command: Command): void {
  const { id, task_id, args, client_time: at } = command;
  unsaved.value = [...unsaved.peek(), {
    id, task_id, args, at, kind: 'rejected', title: titleOf(command), overwritten: [], detail: 'this device could not keep it. Its storage may be full.',
  }];
  show({ done: [id] });
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
  if (unsaved.peek().includes(gone)) {
    unsaved.value = unsaved.peek().filter((one) => one !== gone);
    return;
  }
  const left = await withDb(async (opened) => {
    const tx = opened.transaction('meta', 'readwrite');
    const rest = (((await tx.store.get('attention')) as Attention[] | undefined) ?? []).filter(({ id }) => id !== gone.id);
    await Promise.all([tx.store.put(rest, 'attention'), tx.done]);
    return rest;
  });
  show({ attention: left });
}

/** Ends a conflict: of the fields in `theirs` the other device's values are taken, of the others this one's stay. */
export function settle(conflict: Attention, theirs: ReadonlySet<string>): void {
  const { status, ...args } = Object.fromEntries(conflict.overwritten.filter(({ field }) => theirs.has(field)).map(({ field, old }) => [field, old]));
  const id = conflict.task_id;
  if (id && Object.keys(args).length > 0) run('update', id, args);
  if (id && status) run(status === 'completed' ? 'complete' : 'reopen', id);
  void dismiss(conflict);
}

