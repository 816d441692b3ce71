import type { ComponentType } from 'preact';
import { phase, signedIn } from '../auth/session';
import { Expired, SignIn } from '../auth/SignIn';
import { Inbox } from '../notifications/Inbox';
import { Ringing } from '../notifications/Ringing';
import { Search } from '../search/Search';
import { filled } from '../sync/store';
import { AttentionBar } from '../sync/AttentionBar';
import { All, Tag, Today, Upcoming } from '../tasks/Screens';
import { Sheet } from '../tasks/Sheet';
import { later } from '../ui/later';
import { Toasts } from '../ui/toast';
import { Help } from './Help';
import { panel } from './panel';
import { openTask, path } from './route';
import { Sidebar, TabBar } from './Sidebar';

const Settings = later(() => import('../settings/Settings'));
const Assistant = later(() => import('../assistant/Assistant'));
const Trash = later(() => import('../tasks/Trash'));

const SCREENS: Record<string, ComponentType> = {
  '/today': Today, '/upcoming': Upcoming, '/all': All, '/search': Search, '/trash': Trash, '/notifications': Inbox, '/settings': Settings,
};

/** The page: the screens, what lies beside them, and what is said. */
export function App() {
  if (!signedIn.value) return <><SignIn /><Toasts /></>;
  const Screen = path.value.startsWith('/tag/') ? Tag : (SCREENS[path.value] ?? Today);
  return (
    <div class={`app${openTask.value ? ' has-sheet' : ''}${panel.value ? ' has-panel' : ''}`}>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById('main')?.focus())}>Skip to the tasks</a>
      <Sidebar />
      <main id="main" class="pane" tabIndex={-1}>
        <AttentionBar />
        <Screen key={path.value} />
        {!filled.value && phase.value === 'in' && <p class="sr" role="status">Loading your tasks</p>}
      </main>
      {openTask.value && <Sheet key={openTask.value} id={openTask.value} />}
      {panel.value && <aside class="side" aria-label="Assistant"><Assistant /></aside>}
      <TabBar />
      <Ringing />
      <Toasts />
      <Help />
      <Expired />
    </div>
  );
}
