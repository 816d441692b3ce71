import { showTask } from '../app/route';
import { LongText } from '../ui/LongText';
import { dismiss } from './commands';
import { ConflictCard } from './ConflictCard';
import type { Attention } from './db';
import { attention, tasks, unsaved } from './store';

/** What could not be done as it was asked: conflicts with both values, and what the server refused. */
export function AttentionBar() {
  const all = [...attention.value, ...unsaved.value];
  if (all.length === 0) return null;
  return (
    <section class="attention" aria-label="To look at">
      {all.slice(-3).map((one) => (one.kind === 'conflict' ? <ConflictCard key={one.id} conflict={one} /> : <Refused key={one.id} one={one} />))}
    </section>
  );
}

// What somebody wrote is shown whole: it is nowhere else any more.
function Refused({ one }: { one: Attention }) {
  const written = [one.args?.title, one.args?.description].filter((text): text is string => typeof text === 'string' && text !== '' && text !== one.title);
  return (
    <div class="card">
      <p role="status"><strong dir="auto">{one.title || 'A change'}</strong> could not be saved: {one.detail}</p>
      {written.map((text) => <LongText key={text} text={text} />)}
      <div class="actions">
        {one.task_id && tasks.value.has(one.task_id) && <button onClick={() => showTask(one.task_id)}>Open</button>}
        <button class="primary" onClick={() => void dismiss(one)}>Dismiss</button>
      </div>
    </div>
  );
}
