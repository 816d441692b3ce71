import type { Task } from '../src/api/types';
import type { Command } from '../src/sync/db';

/** A task as the server tells it. */
export const task = (id: string, rest: Partial<Task> = {}): Task => ({
  id, user_id: 'u', title: `Task ${id}`, description: null, status: 'pending', priority: 'medium', tags: [], due_date: null, time_zone: 'UTC',
  recurrence: 'none', recurrence_basis: 'due', parent_task_id: null, series_id: null, occurrence: null, reminder_offset: null, version: 1,
  created_at: '2026-11-01T00:00:00Z', updated_at: '2026-11-01T00:00:00Z', completed_at: null, ...rest,
});

/** A change that waits. */
export const command = (type: Command['type'], task_id: string | null, args: Record<string, unknown> = {}, rest: Partial<Command> = {}): Command => ({
  id: crypto.randomUUID(), type, task_id, args, base_version: 1, client_time: '2026-11-28T12:00:00Z', ...rest,
});
