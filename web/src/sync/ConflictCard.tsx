import { useSignal } from '@preact/signals';
import type { FieldChange } from '../api/types';
import { showTask } from '../app/route';
import { LongText } from '../ui/LongText';
import { settle } from './commands';
import type { Attention } from './db';
import { sayField, sayValue } from './fields';
import { tasks } from './store';

/** Two devices changed the same fields: both values of each, of which one is chosen. Until then, what was done last holds. */
export function ConflictCard({ conflict }: { conflict: Attention }) {
  const theirs = useSignal<ReadonlySet<string>>(new Set());
  const choose = (field: string, other: boolean) => {
    const next = new Set(theirs.value);
    if (other) next.add(field);
    else next.delete(field);
    theirs.value = next;
  };
  return (
    <form
      class="card" aria-label={`Conflict: ${conflict.title}`} onSubmit={(event) => {
        event.preventDefault();
        settle(conflict, theirs.peek());
      }}
    >
      <p role="status"><strong dir="auto">{conflict.title}</strong> was changed on another device, too. Which values shall stay?</p>
      {conflict.overwritten.map((change) => (
        <Choice key={change.field} group={`${conflict.id} ${change.field}`} change={change} other={theirs.value.has(change.field)} onChoose={(other) => choose(change.field, other)} />
      ))}
      <div class="actions">
        {conflict.task_id && tasks.value.has(conflict.task_id) && <button type="button" onClick={() => showTask(conflict.task_id)}>Open</button>}
        <button class="primary" type="submit">Keep these</button>
      </div>
    </form>
  );
}

function Choice({ group, change: { field, old, new: mine }, other, onChoose }: { group: string; change: FieldChange; other: boolean; onChoose: (other: boolean) => void }) {
  const option = (label: string, value: unknown, isOther: boolean) => (
    <label class="option">
      <input type="radio" name={group} checked={other === isOther} onChange={() => onChoose(isOther)} />
      <span class="muted">{label}</span>
      <LongText text={sayValue(field, value)} />
    </label>
  );
  return (
    <fieldset class="choice">
      <legend>{sayField(field)}</legend>
      {option('Yours', mine, false)}
      {option('The other', old, true)}
    </fieldset>
  );
}
