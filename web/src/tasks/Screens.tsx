import { useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { path } from '../app/route';
import { QuickAdd } from '../quickadd/QuickAdd';
import { filled, loaded } from '../sync/store';
import { Empty } from '../ui/Empty';
import { count, longDay } from '../ui/format';
import { Screen } from '../ui/Screen';
import { byDue, completed, matching, open, plain, prepareSearch, today, todayItems, upcomingItems, type Item } from './lists';
import { VirtualList } from './VirtualList';

/** What is due today, or was before. */
export function Today() {
  return (
    <Screen title="Today" note={longDay(today.value)}>
      <QuickAdd preset={{ due_date: today.value }} />
      <List items={todayItems.value} label="Today" empty={<Empty icon="today" title="Nothing is due today">Add a task above, or look at what is <a href="/upcoming">upcoming</a>.</Empty>} />
    </Screen>
  );
}

/** What comes, day by day. */
export function Upcoming() {
  return (
    <Screen title="Upcoming">
      <QuickAdd />
      <List items={upcomingItems.value} label="Upcoming" empty={<Empty icon="upcoming" title="Nothing is planned">Give a task a date: write “tomorrow” or “next friday” in it.</Empty>} />
    </Screen>
  );
}

/** All tasks, open or completed, with a filter. */
export function All() {
  const status = useSignal<'open' | 'completed'>('open');
  const text = useSignal('');
  useEffect(() => prepareSearch(open.peek()), []);
  const items = useComputed(() => {
    const done = status.value === 'completed';
    const list = matching(done ? completed.value : open.value, text.value);
    return done ? plain(list) : byDue(list);
  });
  const number = useComputed(() => items.value.filter(({ kind }) => kind === 'task').length);
  return (
    <Screen title="All tasks" note={count(number.value, 'task')}>
      <QuickAdd />
      <div class="filter">
        <input type="search" aria-label="Filter" placeholder="Filter" dir="auto" value={text} onInput={(event) => (text.value = event.currentTarget.value)} />
        <div class="segments" role="group" aria-label="Which tasks">
          {(['open', 'completed'] as const).map((one) => (
            <button key={one} aria-pressed={status.value === one} onClick={() => (status.value = one)}>{one === 'open' ? 'Open' : 'Completed'}</button>
          ))}
        </div>
      </div>
      <List
        items={items.value} label="All tasks"
        empty={text.value ? <Empty icon="search" title="No task has these words">Clear the filter to see all.</Empty> : <Empty icon="all" title={status.value === 'open' ? 'No open tasks' : 'Nothing is completed yet'}>{status.value === 'open' ? 'Write the first one above.' : ''}</Empty>}
      />
    </Screen>
  );
}

/** The tasks of one tag. */
export function Tag() {
  const tag = decodeURIComponent(path.value.slice('/tag/'.length));
  const items = useComputed(() => byDue(open.value.filter((task) => task.tags.includes(tag))));
  return (
    <Screen title={`#${tag}`}>
      <QuickAdd preset={{ tags: [tag] }} />
      <List items={items.value} label={`#${tag}`} empty={<Empty icon="tag" title="No open task has this tag">What you add above gets it.</Empty>} />
    </Screen>
  );
}

function List({ items, label, empty }: { items: readonly Item[]; label: string; empty: ComponentChildren }) {
  if (items.length > 0) return <VirtualList items={items} label={label} />;
  return loaded.value && filled.value ? <>{empty}</> : <Waiting />;
}

// The copy is being filled for the first time.
function Waiting() {
  return <div class="bones" aria-hidden="true">{[1, 2, 3, 4, 5].map((n) => <span key={n} />)}</div>;
}
