import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call } from '../api/http';
import type { Task } from '../api/types';
import { go, query } from '../app/route';
import { tasks } from '../sync/store';
import { completed, matching, open, plain } from '../tasks/lists';
import { VirtualList } from '../tasks/VirtualList';
import { Empty } from '../ui/Empty';
import { count } from '../ui/format';
import { Screen } from '../ui/Screen';

const PAUSE = 200; // milliseconds without a key until the server is asked

/** Search as one types: what this device has comes at once, what the server finds besides (misspelt words) joins it. */
export function Search() {
  const text = useSignal(query.value.get('q') ?? '');
  const also = useSignal<readonly Task[]>([]);

  useSignalEffect(() => {
    const wanted = text.value.trim();
    also.value = [];
    if (!wanted) return;
    const stop = new AbortController();
    const timer = setTimeout(() => void ask(wanted, stop.signal).then((found) => (also.value = found), () => undefined), PAUSE);
    return () => (clearTimeout(timer), stop.abort());
  });
  useEffect(() => document.getElementById('search')?.focus(), []);

  const wanted = text.value.trim();
  const here = wanted ? [...matching(open.value, wanted), ...matching(completed.value, wanted)] : [];
  const ids = new Set(here.map(({ id }) => id));
  const found = [...here, ...also.value.filter(({ id }) => !ids.has(id)).map((task) => tasks.value.get(task.id) ?? task)];
  return (
    <Screen title="Search">
      <div class="filter">
        <input
          id="search" type="search" dir="auto" aria-label="Search" placeholder="Search titles, notes and tags" value={text}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            go(text.value ? `/search?q=${encodeURIComponent(text.value)}` : '/search', true);
          }}
        />
      </div>
      <p class="sr" role="status">{wanted ? count(found.length, 'task found', 'tasks found') : ''}</p>
      {found.length > 0 ? <VirtualList items={plain(found)} label="Found" />
        : wanted ? <Empty icon="search" title="Nothing found">Try fewer words, or a tag such as #home.</Empty>
        : <Empty icon="search" title="Search everything">Open and completed tasks, their notes and their tags.</Empty>}
    </Screen>
  );
}

async function ask(wanted: string, signal: AbortSignal): Promise<Task[]> {
  return (await call('post', '/api/tasks/search', { query: wanted, limit: 50 }, { signal })).results;
}
