import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Task } from '../api/types';
import { openTask, path, showTask } from '../app/route';
import { Icon } from '../ui/Icon';
import { sayClock, sayDue } from '../ui/format';
import { toggle } from './actions';
import { dueOf } from './due';
import { focused, focusTask } from './focus';
import { today } from './lists';

interface Place {
  top: number; // pixels
  position: number; // from 1
  size: number;
}

/** A task in a list: complete it, or open it. */
export function TaskRow({ task, top, position, size }: { task: Task } & Place) {
  const title = useRef<HTMLAnchorElement>(null);
  const { id, move } = focused.value;
  const isFocused = id === task.id;
  useLayoutEffect(() => {
    if (isFocused && move) title.current?.focus({ preventScroll: true });
  }, [focused.value]);

  const done = task.status === 'completed';
  const open = openTask.value === task.id;
  return (
    <li
      class={`row ${task.priority}${done ? ' done' : ''}${open ? ' open' : ''}`} style={{ transform: `translateY(${top}px)` }}
      aria-posinset={position} aria-setsize={size} data-task={task.id}
    >
      <label class="tick"><input type="checkbox" checked={done} aria-label={`Complete ${task.title}`} onChange={() => toggle(task)} /></label>
      <a
        ref={title} class="title" href={`?task=${task.id}`} aria-current={open ? 'true' : undefined}
        onFocus={() => isFocused || focusTask(task.id, false)}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          showTask(task.id);
        }}
      >
        <span class="text" dir="auto">{task.title}</span>
        <TaskFacts task={task} />
      </a>
    </li>
  );
}

// The list says the day already.
const isHeading = (day: string) => path.value === '/upcoming' || (path.value === '/today' && day === today.value);

/** What stands beside a title: tags, recurrence, due date. */
export function TaskFacts({ task }: { task: Task }) {
  const due = dueOf(task);
  const said = due && (isHeading(due.day) ? due.time && sayClock(due) : sayDue(due, today.value));
  const late = due !== null && task.status === 'pending' && due.day < today.value;
  return (
    <span class="facts">
      {task.priority === 'high' && <span class="urgent">High</span>}
      {task.tags.slice(0, 3).map((tag) => <span key={tag} class="tagged" dir="auto">#{tag}</span>)}
      {task.description && <Icon name="notes" />}
      {task.recurrence !== 'none' && <Icon name="repeat" />}
      {said && <span class={late ? 'due late' : due!.day === today.value ? 'due now' : 'due'}>{said}</span>}
    </span>
  );
}

