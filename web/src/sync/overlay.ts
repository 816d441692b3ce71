import type { Task } from '../api/types';
import type { Command } from './db';

/** What the user sees: the copy with the changes that wait. */
export function overlay(copy: ReadonlyMap<string, Task>, queue: readonly Command[]): Map<string, Task> {
  const seen = new Map(copy);
  for (const command of queue) apply(seen, command);
  return seen;
}

function apply(seen: Map<string, Task>, { type, task_id: id, args, client_time, before }: Command): void {
  if (id === null) return;
  const task = seen.get(id);
  switch (type) {
    case 'create':
      if (!task) seen.set(id, { ...blank(id, client_time), ...(args as Partial<Task>) });
      break;
    case 'update':
      if (task) seen.set(id, { ...task, ...defaults(args), updated_at: client_time });
      break;
    case 'complete':
      if (task) seen.set(id, { ...task, status: 'completed', completed_at: client_time });
      break;
    case 'reopen':
      if (task) seen.set(id, { ...task, status: 'pending', completed_at: null });
      break;
    case 'delete':
      seen.delete(id);
      break;
    case 'restore':
      if (!task && before) seen.set(id, before);
      break;
    case 'add_tags':
    case 'remove_tags':
      if (task) seen.set(id, { ...task, tags: tagsOf(task.tags, type, args.tags as string[]) });
      break;
  }
}

function tagsOf(tags: string[], type: 'add_tags' | 'remove_tags', named: string[]): string[] {
  return type === 'add_tags' ? [...new Set([...tags, ...named])] : tags.filter((tag) => !named.includes(tag));
}

// A null of the request is a default of the response.
function defaults(args: Record<string, unknown>): Partial<Task> {
  return args.recurrence === null ? { ...args, recurrence: 'none' } : args;
}

function blank(id: string, now: string): Task {
  return {
    id, user_id: '', title: '', description: null, status: 'pending', priority: 'medium', tags: [], due_date: null,
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone, recurrence: 'none', recurrence_basis: 'due',
    parent_task_id: null, series_id: null, occurrence: null, reminder_offset: null, version: 0,
    created_at: now, updated_at: now, completed_at: null,
  };
}
