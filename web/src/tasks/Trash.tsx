import { useSignal, useSignalEffect } from '@preact/signals';
import { call, request, sayError } from '../api/http';
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

// The rows from a cursor on, and the cursor of those behind them.
async function page(cursor: string): Promise<{ rows: Trashed[]; next: string }> {
  const response = await request('get', '/api/trash', undefined, { query: { limit: 200, ...(cursor ? { cursor } : {}) } });
  const next = /[?&]cursor=([^&>]+)/.exec(response.headers.get('Link') ?? '')?.[1] ?? '';
  return { rows: (await response.json()) as Trashed[], next: decodeURIComponent(next) };
}

/** What was deleted in the last thirty days. It is asked of the server: the copy does not have it. */
export default function Trash() {
  const rows = useSignal<Trashed[] | null>(null);
  const next = useSignal(''); // the cursor of what is not shown yet
  const error = useSignal('');
  const sure = useSignal(false);
  const look = async () => {
    const shown = rows.peek()?.length ?? 0;
    try {
      let found = await page('');
      while (found.next && found.rows.length < shown) {
        const { rows: more, next: behind } = await page(found.next);
        found = { rows: [...found.rows, ...more], next: behind };
      }
      rows.value = found.rows;
      next.value = found.next;
      error.value = '';
    } catch (problem) {
      error.value = sayError(problem);
    }
  };
  useSignalEffect(() => {
    if (!queue.value.some(({ type }) => type === 'delete' || type === 'restore')) void look();
  });

  const more = async () => {
    const from = next.peek();
    try {
      const found = await page(from);
      if (next.peek() !== from) return; // it was looked at anew meanwhile, or clicked twice
      rows.value = [...rows.peek()!, ...found.rows];
      next.value = found.next;
      error.value = '';
    } catch (problem) {
      error.value = sayError(problem);
    }
  };

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
      next.value = '';
      syncSoon();
    } catch (problem) {
      error.value = sayError(problem);
    }
  };

  return (
    <Screen title="Trash" aside={rows.value?.length ? <button onClick={() => (sure.value = true)}>Empty the trash</button> : null}>
      {error.value && <p class="error" role="alert">{error}</p>}
      {rows.value?.length === 0 && !next.value && <Empty icon="trash" title="The trash is empty">What you delete stays here for 30 days.</Empty>}
      <ul class="cards">
        {rows.value?.map((row) => (
          <li key={row.task.id} class="card line">
            <div class="grow"><strong dir="auto">{row.task.title}</strong><small>Deleted {sayAgo(row.deleted_at)} · gone for good {sayTime(row.purge_at)}</small></div>
            <button onClick={() => restore(row)}>Restore</button>
          </li>
        ))}
      </ul>
      {next.value && <button onClick={() => void more()}>Show more</button>}
      <Confirm open={sure.value} title="Empty the trash?" text="What is in it is deleted for good." action="Empty the trash" onYes={() => void empty()} onNo={() => (sure.value = false)} />
    </Screen>
  );
}
