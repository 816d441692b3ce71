import { useEffect, useRef } from 'preact/hooks';
import type { Priority, Task } from '../api/types';
import { openTask, showTask } from '../app/route';
import { phase } from '../auth/session';
import { update } from '../sync/commands';
import { loaded, tasks } from '../sync/store';
import { link, sync } from '../sync/sync';
import { useDraft } from '../ui/draft';
import { Icon } from '../ui/Icon';
import { say } from '../ui/toast';
import { discard, toggle } from './actions';
import { DueField } from './DueField';
import { focused, focusTask } from './focus';
import { HistoryField } from './HistoryField';
import { RemindersField } from './RemindersField';
import { RepeatField } from './RepeatField';
import { TagsField } from './TagsField';

/** A task, whole: every change is kept as it is made. */
export function Sheet({ id }: { id: string }) {
  const sheet = useRef<HTMLElement>(null);
  const task = tasks.value.get(id);
  const close = () => {
    showTask(null);
    focusTask(focused.peek().id);
  };
  const seen = useRef(false);
  useEffect(() => {
    if (task) seen.current = true;
    else if (seen.current) showTask(null); // deleted, here or elsewhere
    else if (loaded.value && phase.value === 'in') void look(id);
  }, [task, loaded.value, link.value, phase.value]);
  useEffect(() => sheet.current?.focus({ preventScroll: true }), []);
  return (
    <aside ref={sheet} class="side sheet" aria-label="Task" tabIndex={-1}>
      <header class="side-head">
        <button class="quiet square" aria-label="Close" onClick={close}><Icon name="close" /></button>
        {task && <button class="quiet" onClick={() => discard(task)}><Icon name="trash" /> Delete</button>}
      </header>
      {task ? <Fields task={task} /> : loaded.value && (
        <p class="sheet-body muted" role="status">
          {link.value === 'offline' ? 'This task is not on this device yet. It is shown once TodoFlow can be reached.' : 'Looking for this task'}
        </p>
      )}
    </aside>
  );
}

// A link may be of a task that this device has not heard of yet, such as that of a reminder's message.
async function look(id: string): Promise<void> {
  await sync();
  if (phase.peek() !== 'in' || link.peek() !== 'ok' || tasks.peek().has(id) || openTask.peek() !== id) return;
  showTask(null);
  say('That task is not there any more.');
}

function Fields({ task }: { task: Task }) {
  const { id } = task;
  const title = useDraft(task.title, (text) => text.trim() && update(id, { title: text.trim() }));
  const notes = useDraft(task.description ?? '', (text) => update(id, { description: text || null }));
  return (
    <div class="sheet-body">
      <div class={`sheet-title ${task.priority}${task.status === 'completed' ? ' done' : ''}`}>
        <label class="tick"><input type="checkbox" checked={task.status === 'completed'} aria-label="Completed" onChange={() => toggle(task)} /></label>
        <textarea
          rows={1} dir="auto" aria-label="Title" maxLength={500} value={title.text} onBlur={title.onBlur}
          onInput={(event) => title.onInput(event.currentTarget.value.replace(/\n/g, ' '))}
          onKeyDown={(event) => event.key === 'Enter' && (event.preventDefault(), event.currentTarget.blur())}
        />
      </div>
      <textarea
        class="notes" rows={3} dir="auto" aria-label="Notes" placeholder="Notes" maxLength={10_000} value={notes.text}
        onBlur={notes.onBlur} onInput={(event) => notes.onInput(event.currentTarget.value)}
      />
      <DueField task={task} />
      <RepeatField task={task} />
      <RemindersField task={task} />
      <PriorityField task={task} />
      <TagsField task={task} />
      <HistoryField id={id} version={task.version} />
    </div>
  );
}

function PriorityField({ task }: { task: Task }) {
  const all: Priority[] = ['low', 'medium', 'high'];
  return (
    <div class="prop" role="group" aria-label="Priority">
      <h3><Icon name="flag" /> Priority</h3>
      <div class="segments" role="group" aria-label="Priority">
        {all.map((priority) => (
          <button key={priority} aria-pressed={task.priority === priority} onClick={() => update(task.id, { priority })}>
            {priority[0]!.toUpperCase() + priority.slice(1)}
          </button>
        ))}
      </div>
    </div>
  );
}
