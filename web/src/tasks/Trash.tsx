import { useSignal, useSignalEffect } from '@preact/signals';
import { call, sayError } from '../api/http';
import type { ResultOf } from '../api/types';
import { run } from '../sync/commands';
import { queue } from '../sync/store';
import { syncSoon } from '../sync/sync';
import { Confirm } from '../ui/Dialog';
import { Empty } from '../ui/Empty';
import { sayAgo, sayTime } from '../ui/format';
import { Screen } from '../ui/Screen';
import { say } from '../ui/toast';

type Trashed = ResultOf<'/api/trash', 'get'>[number];

/** What was deleted in the last thirty days. It is asked of the server: the copy does not have it. */
export default function Trash() {
  const rows = useSignal<Trashed[] | null>(null);
  const error = useSignal('');
  const sure = useSignal(false);
  const look = async () => {
    try {
      rows.value = await call('get', '/api/trash', undefined, { query: { limit: 200 } });
      error.value = '';
    } catch (problem) {
      error.value = sayError(problem);
    }
  };
  useSignalEffect(() => {
    if (!queue.value.some(({ type }) => type === 'delete' || type === 'restore')) void look();
  });

  const restore = ({ task }: Trashed) => {
    run('restore', task.id, {}, task);
    rows.value = rows.value!.filter((row) => row.task.id !== task.id);
    say(`Restored “${task.title}”`);
  };
  const empty = async () => {
    sure.value = false;
    try {
      await call('delete', '/api/trash');
      rows.value = [];
      syncSoon();
    } catch (problem) {
      error.value = sayError(problem);
    }
  };

  return (
    <Screen title="Trash" aside={rows.value?.length ? <button onClick={() => (sure.value = true)}>Empty the trash</button> : null}>
      {error.value && <p class="error" role="alert">{error}</p>}
      {rows.value?.length === 0 && <Empty icon="trash" title="The trash is empty">What you delete stays here for 30 days.</Empty>}
      <ul class="cards">
        {rows.value?.map((row) => (
          <li key={row.task.id} class="card line">
            <div class="grow"><strong dir="auto">{row.task.title}</strong><small>Deleted {sayAgo(row.deleted_at)} · gone for good {sayTime(row.purge_at)}</small></div>
            <button onClick={() => restore(row)}>Restore</button>
          </li>
        ))}
      </ul>
      <Confirm open={sure.value} title="Empty the trash?" text="What is in it is deleted for good." action="Empty the trash" onYes={() => void empty()} onNo={() => (sure.value = false)} />
    </Screen>
  );
}
