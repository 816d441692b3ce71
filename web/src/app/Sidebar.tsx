import { unread, queue } from '../sync/store';
import { link } from '../sync/sync';
import { dueToday, tags } from '../tasks/lists';
import { Icon, type IconName } from '../ui/Icon';
import { count } from '../ui/format';
import { startAdding } from './keys';
import { menu, panel } from './panel';
import { path } from './route';

function Entry({ to, icon, label, number }: { to: string; icon: IconName; label: string; number?: number }) {
  return (
    <a class="entry" href={to} aria-current={path.value === to ? 'page' : undefined} onClick={() => (menu.value = false)}>
      <Icon name={icon} /> <span class="grow" dir="auto">{label}</span>
      {number ? <span class="count">{number}</span> : null}
    </a>
  );
}

/** Where one can go. On a phone it is the menu. */
export function Sidebar() {
  return (
    <nav class={`sidebar${menu.value ? ' shown' : ''}`} aria-label="Lists">
      <div class="brand"><img src="/icon.svg" alt="" width="24" height="24" /> TodoFlow</div>
      <Entry to="/today" icon="today" label="Today" number={dueToday.value.length} />
      <Entry to="/upcoming" icon="upcoming" label="Upcoming" />
      <Entry to="/all" icon="all" label="All tasks" />
      <Entry to="/search" icon="search" label="Search" />
      <Entry to="/notifications" icon="bell" label="Notifications" number={unread.value} />
      <Tags />
      <div class="space" />
      <button class="entry" aria-expanded={panel.value} onClick={() => ((panel.value = !panel.value), (menu.value = false))}>
        <Icon name="spark" /> <span class="grow">Assistant</span>
      </button>
      <Entry to="/trash" icon="trash" label="Trash" />
      <Entry to="/settings" icon="settings" label="Settings" />
      <SyncState />
    </nav>
  );
}

function Tags() {
  if (tags.value.length === 0) return null;
  return (
    <div role="group" aria-label="Tags in use" class="tags">
      <h2>Tags</h2>
      {tags.value.slice(0, 40).map(([tag, number]) => (
        <Entry key={tag} to={`/tag/${encodeURIComponent(tag)}`} icon="tag" label={tag} number={number} />
      ))}
    </div>
  );
}

const STATES: Record<typeof link.value, string> = {
  ok: 'Up to date', busy: 'Syncing…', offline: 'Offline', failed: 'Could not sync; trying again',
};

/** Whether the copy is in step, and how much waits. */
export function SyncState() {
  const waiting = queue.value.length;
  return (
    <p class={`sync ${link.value}`} role="status">
      {link.value === 'ok' && waiting === 0 ? '' : <>{link.value === 'offline' && <Icon name="offline" />} {STATES[link.value]}{waiting > 0 && ` · ${count(waiting, 'change')} to send`}</>}
    </p>
  );
}

/** The bar of a phone. */
export function TabBar() {
  const tab = (to: string, icon: IconName, label: string) => (
    <a href={to} aria-current={path.value === to ? 'page' : undefined} onClick={() => (menu.value = false)}><Icon name={icon} />{label}</a>
  );
  return (
    <nav class="tabbar" aria-label="Main">
      {tab('/today', 'today', 'Today')}
      {tab('/upcoming', 'upcoming', 'Upcoming')}
      <button class="tab-add" aria-label="Add a task" onClick={() => ((menu.value = false), startAdding())}><Icon name="plus" /></button>
      {tab('/search', 'search', 'Search')}
      <button aria-expanded={menu.value} onClick={() => (menu.value = !menu.value)}>
        <Icon name="menu" />Menu{unread.value > 0 && <span class="dot" aria-label={count(unread.value, 'unread notification')} />}
      </button>
    </nav>
  );
}
