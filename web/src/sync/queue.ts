import type { Command, Database } from './db';

const MOST = 100; // commands, as many as a request may have
const LARGEST = 900_000; // bytes of them as JSON: the server takes no body of more than 1 MiB
const TEXTS = ['title', 'description']; // what is typed, and kept at every pause

/** What of a command is sent. */
export const sendable = ({ before: _, unsent: __, ...command }: Command) => ({ ...command, args: command.args as Record<string, never> });

/** Writes a command behind the others. */
export async function add(opened: Database, command: Command): Promise<void> {
  const tx = opened.transaction('queue', 'readwrite');
  const added = tx.store.add(command);
  tx.commit(); // without a word from the page again, which may be going away
  await Promise.all([added, tx.done]);
}

/**
 * Lets a text take the place of what was typed before it, where no request has had that, and nothing else was done with the task in between. The
 * base version stays that of the first: what others changed since is told as it would have been. Returns the id of the command that it replaced.
 */
export async function merge(opened: Database, { id, task_id, type, args }: Command): Promise<string | null> {
  const field = Object.keys(args).join();
  if (type !== 'update' || !TEXTS.includes(field)) return null;
  const tx = opened.transaction('queue', 'readwrite');
  let own: { key: number; command: Command } | null = null;
  let replaced: string | null = null;
  for (let cursor = await tx.store.openCursor(null, 'prev'); cursor; cursor = await cursor.continue()) {
    const { key, value: one } = cursor;
    if (one.id === id) own = { key, command: one };
    else if (own && one.task_id === task_id) {
      if (one.type !== 'update' || !one.unsent || Object.keys(one.args).join() !== field) break;
      replaced = one.id;
      await Promise.all([cursor.update({ ...own.command, base_version: one.base_version }), tx.store.delete(own.key)]);
      break;
    }
  }
  await tx.done;
  return replaced;
}

/** The first commands, as many as a request may have: one at least. From now on, the server may have had them. */
export async function take(opened: Database): Promise<Command[]> {
  const tx = opened.transaction('queue', 'readwrite');
  const [keys, commands] = await Promise.all([tx.store.getAllKeys(null, MOST), tx.store.getAll(null, MOST)]);
  const taken = commands.slice(0, fitting(commands));
  const noted = taken.flatMap(({ unsent, ...command }, at) => (unsent ? [tx.store.put(command, keys[at])] : []));
  await Promise.all([...noted, tx.done]);
  return taken;
}

function fitting(commands: readonly Command[]): number {
  const utf8 = new TextEncoder();
  let bytes = 0;
  const end = commands.findIndex((command, at) => (bytes += utf8.encode(JSON.stringify(sendable(command))).length + 1) > LARGEST && at > 0);
  return end < 0 ? commands.length : end;
}
