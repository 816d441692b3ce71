import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Task } from '../api/types';
import { update } from '../sync/commands';
import { useDraft } from '../ui/draft';
import { Icon } from '../ui/Icon';
import { sayDue } from '../ui/format';
import { say } from '../ui/toast';
import { ZoneSelect } from '../ui/ZoneSelect';
import { addDays, dueOf, here, instantOf, noonOf, wallOf } from './due';
import { today } from './lists';

/** When a task is due: a day, a time on the clock of a zone. */
export function DueField({ task }: { task: Task }) {
  const zones = useSignal(task.time_zone !== here);
  const due = dueOf(task);
  const wall = wallTime(task);
  const set = (day: string, time: string, zone = task.time_zone) => update(task.id, { due_date: time ? `${day}T${time}:00` : day, time_zone: zone });
  const clear = () => {
    const { due_date, time_zone, recurrence } = task;
    if (recurrence === 'none') return update(task.id, { due_date: null });
    update(task.id, { due_date: null, recurrence: 'none' }); // without a date, it has nothing to repeat from
    say('Without a date, it does not repeat any more', () => update(task.id, { due_date, time_zone, recurrence }));
  };
  const quick = (label: string, day: string) => <button class="small" aria-pressed={wall.day === day} onClick={() => set(day, wall.time)}>{label}</button>;
  return (
    <div class="prop" role="group" aria-label="Due">
      <h3><Icon name="today" /> Due {due && <span class="muted">{sayDue(due, today.value)}</span>}</h3>
      <div class="line wrap">
        {quick('Today', today.value)}
        {quick('Tomorrow', addDays(today.value, 1))}
        {quick('Monday', monday())}
        {due && <button class="small" onClick={clear}>No date</button>}
      </div>
      <div class="line wrap">
        <WallInput type="date" label="Day" value={wall.day} onKeep={(day) => set(day, wall.time)} />
        <WallInput type="time" label="Time" value={wall.time} onKeep={(time) => set(wall.day || today.value, time)} />
        {!zones.value && due && <button class="link" onClick={() => (zones.value = true)}>Time zone</button>}
      </div>
      {zones.value && due && <ZoneSelect label="Time zone of the task" value={task.time_zone} onChange={(zone) => set(wall.day, wall.time, zone)} />}
    </div>
  );
}

/**
 * A day or a time of day. The browser tells of every part that is typed or cleared, so what is typed is kept when the field is left, or with Enter,
 * and only if it is whole; what was chosen from the picker, at once.
 */
function WallInput({ type, label, value, onKeep }: { type: 'date' | 'time'; label: string; value: string; onKeep: (value: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const typing = useRef(false);
  // A year that is being typed begins as 0002. A time that is cleared whole makes an all-day task; a day is cleared by its own button.
  const isWhole = (text: string) => (type === 'date' ? text >= '1000' : text !== '' || input.current?.validity.badInput === false);
  const draft = useDraft(value, (text) => isWhole(text) && onKeep(text), null);
  return (
    <input
      ref={input} type={type} aria-label={label} max={type === 'date' ? '9999-12-31' : undefined} value={draft.text.value}
      onInput={(event) => draft.onInput(event.currentTarget.value)} onBlur={() => ((typing.current = false), draft.onBlur())}
      onPointerDown={() => (typing.current = false)}
      onKeyDown={({ key, altKey }) => {
        typing.current = !altKey && key !== ' '; // these open the picker
        if (key === 'Enter') draft.onBlur();
      }}
      onChange={() => typing.current || draft.onBlur()}
    />
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
