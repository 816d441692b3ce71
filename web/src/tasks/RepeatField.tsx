import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call, sayError, Unreachable } from '../api/http';
import type { ResultOf, Task } from '../api/types';
import { update } from '../sync/commands';
import { Icon } from '../ui/Icon';
import { sayDue } from '../ui/format';
import { say } from '../ui/toast';
import { dueOf } from './due';
import { today } from './lists';

const RULES = { none: 'Does not repeat', daily: 'Every day', weekdays: 'Every weekday', weekly: 'Every week', monthly: 'Every month', yearly: 'Every year' };

/** How a task recurs, with the next five occurrences as the server works them out. */
export function RepeatField({ task }: { task: Task }) {
  const own = useSignal(!(task.recurrence in RULES));
  const rule = useSignal(task.recurrence);
  const set = (recurrence: string) => {
    if (task.due_date || recurrence === 'none') return update(task.id, { recurrence });
    update(task.id, { recurrence, due_date: today.value, time_zone: task.time_zone });
    say('It is due today now: what repeats needs a date');
  };
  const choose = (value: string) => {
    own.value = value === 'own';
    if (value !== 'own') set(value);
    else rule.value = task.recurrence in RULES ? 'FREQ=WEEKLY;BYDAY=MO,TH' : task.recurrence;
  };
  return (
    <div class="prop" role="group" aria-label="Repeat">
      <h3><Icon name="repeat" /> Repeat</h3>
      <select aria-label="Repeat" value={own.value ? 'own' : task.recurrence} onChange={(event) => choose(event.currentTarget.value)}>
        {Object.entries(RULES).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
        <option value="own">A rule of your own…</option>
      </select>
      {own.value && (
        <form class="line" onSubmit={(event) => (event.preventDefault(), set(rule.value))}>
          <input class="grow" aria-label="Rule (RFC 5545)" value={rule} onInput={(event) => (rule.value = event.currentTarget.value)} />
          <button class="small" type="submit">Set</button>
        </form>
      )}
      {task.recurrence !== 'none' && (
        <label class="check">
          <input
            type="checkbox" checked={task.recurrence_basis === 'completion'}
            onChange={(event) => update(task.id, { recurrence_basis: event.currentTarget.checked ? 'completion' : 'due' })}
          /> Count from when it is completed
        </label>
      )}
      <Next task={task} rule={own.value ? rule.value : task.recurrence} />
    </div>
  );
}

type Preview = ResultOf<'/api/recurrence/preview', 'post'>;

function Next({ task, rule }: { task: Task; rule: string }) {
  const asked = useSignal({ rule, due: task.due_date, basis: task.recurrence_basis, zone: task.time_zone });
  const preview = useSignal<Preview | null>(null);
  const error = useSignal('');
  useEffect(() => {
    asked.value = { rule, due: task.due_date, basis: task.recurrence_basis, zone: task.time_zone };
  }, [rule, task.due_date, task.recurrence_basis, task.time_zone]);
  useSignalEffect(() => {
    const { rule: recurrence, due: due_date, basis: recurrence_basis, zone: time_zone } = asked.value;
    preview.value = null;
    error.value = '';
    if (recurrence === 'none' || !recurrence || !due_date) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      call('post', '/api/recurrence/preview', { recurrence, due_date, recurrence_basis, time_zone, count: 5 }, { signal: stop.signal }).then(
        (found) => (preview.value = found),
        (problem) => !stop.signal.aborted && (error.value = problem instanceof Unreachable ? 'The next dates are shown when you are online.' : sayError(problem)),
      );
    }, 250);
    return () => (clearTimeout(timer), stop.abort());
  });
  if (rule === 'none') return null;
  if (!task.due_date) return <p class="hint">Without a due date, it begins today.</p>;
  if (error.value) return <p class="hint">{error}</p>;
  return (
    <ol class="next" aria-label="Next occurrences">
      {preview.value?.occurrences.map(({ due_date }) => <li key={due_date}>{sayDue(dueOf({ ...task, due_date })!, today.value)}</li>)}
      {preview.value?.ended && <li class="muted">Then it ends.</li>}
    </ol>
  );
}
