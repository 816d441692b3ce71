import type { CommandResult } from '../api/types';
import type { Attention, Command, Sent } from './db';

/**
 * What the user is to be told of a result; null where all went well. Values that this device itself sent before are no conflict: several
 * changes made without a network have the same base version.
 */
export function attentionOf(command: Command, result: CommandResult, sent: Sent, title: string): Attention | null {
  const about = { id: command.id, task_id: command.task_id, title, at: new Date().toISOString() };
  if (result.problem) return { ...about, kind: 'rejected', overwritten: [], detail: result.problem.detail };
  if (result.status !== 'conflict') return null;
  const own = (command.task_id && sent[command.task_id]) || {};
  const overwritten = (result.overwritten ?? []).filter(
    ({ field, old }) => field !== 'completed_at' && !(field in own && same(own[field], old)),
  );
  return overwritten.length > 0 ? { ...about, kind: 'conflict', overwritten, detail: '' } : null;
}

/** Notes what a command set. */
export function note(sent: Sent, { type, task_id, args }: Command): void {
  if (task_id === null) return;
  const own = (sent[task_id] ??= {});
  if (type === 'update') Object.assign(own, args);
  if (type === 'complete') own.status = 'completed';
  if (type === 'reopen') own.status = 'pending';
}

// The server writes a local time with its offset.
function same(own: unknown, old: unknown): boolean {
  if (typeof own === 'string' && typeof old === 'string') return old === own || (own.length >= 19 && old.startsWith(own));
  return JSON.stringify(own ?? null) === JSON.stringify(old ?? null);
}
