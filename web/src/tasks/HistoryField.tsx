import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call, sayError } from '../api/http';
import type { FieldChange, HistoryEntry } from '../api/types';
import { sayField, sayValue } from '../sync/fields';
import { Icon } from '../ui/Icon';
import { sayAgo } from '../ui/format';

/** What happened to a task; asked of the server when it is opened. */
export function HistoryField({ id, version }: { id: string; version: number }) {
  const open = useSignal(false);
  const rows = useSignal<HistoryEntry[] | null>(null);
  const error = useSignal('');
  useEffect(() => {
    if (!open.value || version === 0) return;
    call('get', '/api/tasks/{id}/history', undefined, { path: { id }, query: { limit: 50 } }).then(
      (found) => ((rows.value = found), (error.value = '')),
      (problem) => (error.value = sayError(problem)),
    );
  }, [open.value, version]);
  return (
    <details class="prop" onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary><Icon name="clock" /> History</summary>
      {error.value && <p class="hint">{error}</p>}
      <ol class="history">
        {rows.value?.map((entry) => (
          <li key={entry.event_id}>
            <strong>{sayEvent(entry.event_type)}</strong> <span class="muted">{sayAgo(entry.client_time ?? entry.time)}</span>
            {entry.event_type.includes('updated') && entry.changes.map((change) => <Change key={change.field} change={change} />)}
            {entry.conflict && <small>It overwrote what another device had changed.</small>}
          </li>
        ))}
      </ol>
    </details>
  );
}

const sayEvent = (type: string) => {
  const word = /task\.(\w+)/.exec(type)?.[1] ?? type;
  return word[0]!.toUpperCase() + word.slice(1);
};

function Change({ change: { field, old, new: value } }: { change: FieldChange }) {
  return <small dir="auto">{sayField(field)}: {short(sayValue(field, old))} → {short(sayValue(field, value))}</small>;
}

const short = (text: string) => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
