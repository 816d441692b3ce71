import type { Task } from '../api/types';
import { complete, remove, reopen, update } from '../sync/commands';
import { say } from '../ui/toast';
import { dueOf, here, instantOf, wallOf } from './due';
import { today } from './lists';

const short = (title: string) => (title.length > 60 ? `${title.slice(0, 59)}…` : title);

/** Completes a task, or reopens it; either can be taken back. */
export function toggle(task: Task): void {
  if (task.status === 'completed') {
    reopen(task.id);
    say(`Reopened “${short(task.title)}”`, () => complete(task.id));
  } else {
    complete(task.id);
    say(`Completed “${short(task.title)}”`, () => reopen(task.id));
  }
}

/** Moves a task to the trash; it can be taken back. */
export function discard(task: Task): void {
  const back = remove(task.id);
  say(`Moved “${short(task.title)}” to the trash`, back);
}

/** Sets the day on which a task is due; a task of a time of day keeps it. */
export function dueOn(task: Task, day: string | null): void {
  const before = { due_date: task.due_date, time_zone: task.time_zone };
  const time = day && task.due_date ? dueOf(task)?.time : null;
  // The day and the time are those of this device, and the task keeps its own zone: in another one, its rule would begin anew.
  if (day && time) update(task.id, { due_date: `${wallOf(instantOf(`${day}T${time}`, here), task.time_zone)}:00`, time_zone: task.time_zone });
  else update(task.id, { due_date: day });
  say(day === today.value ? `“${short(task.title)}” is due today` : `Changed when “${short(task.title)}” is due`, () => update(task.id, before));
}
