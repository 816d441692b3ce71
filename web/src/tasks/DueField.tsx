import { useSignal } from '@preact/signals';
import type { Task } from '../api/types';
import { update } from '../sync/commands';
import { Icon } from '../ui/Icon';
import { sayDue } from '../ui/format';
import { ZoneSelect } from '../ui/ZoneSelect';
import { addDays, dueOf, here, instantOf, noonOf, wallOf } from './due';
import { today } from './lists';

/** When a task is due: a day, a time on the clock of a zone. */
export function DueField({ task }: { task: Task }) {
  const zones = useSignal(task.time_zone !== here);
  const due = dueOf(task);
  const wall = wallTime(task);
  const set = (day: string, time: string, zone = task.time_zone) => {
    if (!day) update(task.id, { due_date: null });
    else update(task.id, time ? { due_date: `${day}T${time}:00`, time_zone: zone } : { due_date: day, time_zone: zone });
  };
  const quick = (label: string, day: string) => <button class="small" aria-pressed={wall.day === day} onClick={() => set(day, wall.time)}>{label}</button>;
  return (
    <div class="prop" role="group" aria-label="Due">
      <h3><Icon name="today" /> Due {due && <span class="muted">{sayDue(due, today.value)}</span>}</h3>
      <div class="line wrap">
        {quick('Today', today.value)}
        {quick('Tomorrow', addDays(today.value, 1))}
        {quick('Monday', monday())}
        {due && <button class="small" onClick={() => set('', '')}>No date</button>}
      </div>
      <div class="line wrap">
        <input type="date" aria-label="Day" value={wall.day} onChange={(event) => set(event.currentTarget.value, wall.time)} />
        <input type="time" aria-label="Time" value={wall.time} disabled={!due} onChange={(event) => set(wall.day, event.currentTarget.value)} />
        {!zones.value && due && <button class="link" onClick={() => (zones.value = true)}>Time zone</button>}
      </div>
      {zones.value && due && <ZoneSelect label="Time zone of the task" value={task.time_zone} onChange={(zone) => set(wall.day, wall.time, zone)} />}
    </div>
  );
}

// As the clock of the task's own zone has it.
function wallTime({ due_date: due, time_zone: zone }: Task): { day: string; time: string } {
  if (!due) return { day: '', time: '' };
  if (due.length === 10) return { day: due, time: '' };
  const wall = /(Z|[+-]\d\d:?\d\d)$/i.test(due) ? wallOf(Date.parse(due), zone) : wallOf(instantOf(due, zone), zone);
  return { day: wall.slice(0, 10), time: wall.slice(11, 16) };
}

function monday(): string {
  const weekday = noonOf(today.value).getDay(); // 0 is Sunday
  return addDays(today.value, ((8 - weekday) % 7) || 7);
}
