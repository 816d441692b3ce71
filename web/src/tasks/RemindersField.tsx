import { useSignal } from '@preact/signals';
import type { Reminder, Task } from '../api/types';
import { run } from '../sync/commands';
import { queue, reminders } from '../sync/store';
import { Icon } from '../ui/Icon';
import { sayTime } from '../ui/format';

const OFFSETS = { '0 minutes': 'When it is due', '10 minutes': '10 minutes before', '1 hour': '1 hour before', '1 day': '1 day before' };

/** When a task reminds. */
export function RemindersField({ task }: { task: Task }) {
  const at = useSignal<string | null>(null);
  const gone = new Set(queue.value.filter(({ type }) => type === 'remove_reminder').map(({ args }) => args.reminder_id));
  const waiting = queue.value.filter(({ type, task_id }) => type === 'set_reminder' && task_id === task.id);
  const own = [...reminders.value.values()]
    .filter(({ task_id, status, id, fired_at }) => task_id === task.id && status === 'pending' && !fired_at && !gone.has(id))
    .sort((a, b) => (a.remind_at < b.remind_at ? -1 : 1));
  const add = (value: string) => {
    if (value === 'at') at.value = '';
    else if (value) run('set_reminder', task.id, { reminder_offset: value });
  };
  return (
    <div class="prop" role="group" aria-label="Reminders">
      <h3><Icon name="bell" /> Reminders</h3>
      <ul class="plain-list">
        {own.map((reminder) => (
          <li key={reminder.id} class="line">
            <span class="grow">{sayReminder(reminder)}</span>
            <button class="quiet square" aria-label={`Remove the reminder ${sayReminder(reminder)}`} onClick={() => run('remove_reminder', null, { reminder_id: reminder.id })}><Icon name="close" /></button>
          </li>
        ))}
        {waiting.map(({ id, args }) => <li key={id} class="muted">{String(args.reminder_offset ?? args.remind_at)}: is being added</li>)}
      </ul>
      {at.value === null ? (
        <select aria-label="Add a reminder" value="" onChange={(event) => add(event.currentTarget.value)}>
          <option value="">Add a reminder…</option>
          {task.due_date && Object.entries(OFFSETS).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          <option value="at">At a time…</option>
        </select>
      ) : (
        <form
          class="line" onSubmit={(event) => {
            event.preventDefault();
            run('set_reminder', task.id, { remind_at: new Date(at.value!).toISOString() });
            at.value = null;
          }}
        >
          <input class="grow" type="datetime-local" required aria-label="Remind at" value={at.value} onInput={(event) => (at.value = event.currentTarget.value)} />
          <button class="small primary" type="submit">Add</button>
          <button class="small" type="button" onClick={() => (at.value = null)}>Cancel</button>
        </form>
      )}
    </div>
  );
}

function sayReminder({ reminder_offset, remind_at }: Reminder): string {
  return reminder_offset ? `${sayTime(remind_at)} (${/^0 /.test(reminder_offset) ? 'when due' : `${reminder_offset} before`})` : sayTime(remind_at);
}
