import { showTask } from '../app/route';
import { complete, reopen, run } from '../sync/commands';
import { Icon } from '../ui/Icon';
import { sayTime } from '../ui/format';
import { say } from '../ui/toast';
import { quiet, ringing, type Ringing as Reminder } from './ring';

/** Reminders that are due now. An alert, so it is read aloud at once. */
export function Ringing() {
  return (
    <div class="ringing" role="alert">
      {ringing.value.map((reminder) => <Card key={reminder.notification_id} reminder={reminder} />)}
    </div>
  );
}

function Card({ reminder }: { reminder: Reminder }) {
  const { notification_id, reminder_id, task_id, title, body, late, remind_at } = reminder;
  const seen = () => {
    quiet(notification_id);
    run('read_notification', null, { notification_id });
  };
  const snooze = (minutes: number) => {
    run('snooze', null, { reminder_id, minutes });
    seen();
    say(`It rings again in ${minutes === 60 ? 'an hour' : `${minutes} minutes`}.`);
  };
  return (
    <section class="ring" aria-label={`Reminder: ${title}`}>
      <Icon name="bell" />
      <div class="grow">
        <strong dir="auto">{title}</strong>
        <small>{late && remind_at ? `It should have rung ${sayTime(remind_at)}. ` : ''}{body}</small>
        <div class="actions start">
          <button class="primary small" onClick={() => (complete(task_id), seen(), say(`Completed “${title}”`, () => reopen(task_id)))}>Complete</button>
          {reminder_id && <button class="small" onClick={() => snooze(10)}>10 min</button>}
          {reminder_id && <button class="small" onClick={() => snooze(60)}>1 hour</button>}
          <button class="small" onClick={() => (seen(), showTask(task_id))}>Open</button>
        </div>
      </div>
      <button class="quiet square" aria-label="Dismiss" onClick={seen}><Icon name="close" /></button>
    </section>
  );
}
