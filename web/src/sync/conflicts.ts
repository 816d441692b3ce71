import { ApiProblem, sayError } from '../api/http';
import type { CommandResult } from '../api/types';
import type { Attention, Command, Sent } from './db';
import { isField } from './fields';

const KEPT = 50; // as many as somebody may come to look at

/**
 * What the user is to be told of a result; null where all went well. A repeat, whose first response was lost, tells what was overwritten, too.
 * Values that this device itself sent before are no conflict: several changes made without a network have the same base version.
 */
export function attentionOf(command: Command, result: CommandResult, sent: Sent, title: string): Attention | null {
  const about = { id: command.id, task_id: command.task_id, title, at: new Date().toISOString() };
  if (result.problem) {
    const { status, code, detail, errors } = result.problem;
    return { ...about, kind: 'rejected', overwritten: [], detail: sayError(new ApiProblem(status, code, detail, errors ?? [])), args: command.args };
  }
  const own = (command.task_id && sent[command.task_id]) || {};
  const overwritten = (result.overwritten ?? []).filter(
    ({ field, old }) => isField(field) && !(field in own && same(own[field], old)),
  );
  return overwritten.length > 0 ? { ...about, kind: 'conflict', overwritten, detail: '' } : null;
}

/** What there is to look at with what came; conflicts of one task are one, with all its fields. */
export function gather(before: readonly Attention[], news: readonly Attention[]): Attention[] {
  const all = [...before];
  for (const one of news) {
    const at = one.kind === 'conflict' ? all.findIndex(({ kind, task_id }) => kind === 'conflict' && task_id === one.task_id) : -1;
    if (at < 0) all.push(one);
    else all[at] = { ...one, id: all[at]!.id, overwritten: [...all[at]!.overwritten.filter(({ field }) => !one.overwritten.some((later) => later.field === field)), ...one.overwritten] };
  }
  return all.slice(-KEPT);
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
