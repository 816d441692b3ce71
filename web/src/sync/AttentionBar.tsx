import type { FieldChange } from '../api/types';
import { showTask } from '../app/route';
import { dismiss, takeTheirs } from './commands';
import type { Attention } from './db';
import { attention, tasks } from './store';

/** What could not be done as it was asked: conflicts with both values, and what the server refused. */
export function AttentionBar() {
  if (attention.value.length === 0) return null;
  return (
    <section class="attention" aria-label="To look at">
      {attention.value.slice(-3).map((one) => <Card key={one.id} one={one} />)}
    </section>
  );
}

function Card({ one }: { one: Attention }) {
  return (
    <div class="card" role="status">
      {one.kind === 'conflict' ? (
        <>
          <p><strong dir="auto">{one.title}</strong> was changed on another device, too. What you did last holds.</p>
          <table class="both">
            <thead><tr><th scope="col">Field</th><th scope="col">Yours, kept</th><th scope="col">The other</th></tr></thead>
            <tbody>{one.overwritten.map((change) => <Row key={change.field} change={change} />)}</tbody>
          </table>
        </>
      ) : (
        <p><strong dir="auto">{one.title || 'A change'}</strong> could not be saved: {one.detail}</p>
      )}
      <div class="actions">
        {one.task_id && tasks.value.has(one.task_id) && <button onClick={() => showTask(one.task_id)}>Open</button>}
        {one.kind === 'conflict' && <button onClick={() => takeTheirs(one)}>Use the other</button>}
        <button class="primary" onClick={() => void dismiss(one)}>{one.kind === 'conflict' ? 'Keep mine' : 'Dismiss'}</button>
      </div>
    </div>
  );
}

function Row({ change }: { change: FieldChange }) {
  return <tr><th scope="row">{change.field.replaceAll('_', ' ')}</th><td dir="auto">{sayValue(change.new)}</td><td dir="auto">{sayValue(change.old)}</td></tr>;
}

function sayValue(value: unknown): string {
  if (value === null || value === undefined || value === '') return '(nothing)';
  return Array.isArray(value) ? value.join(', ') || '(nothing)' : String(value);
}
