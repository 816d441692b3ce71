import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app/App';
import { startKeys } from './app/keys';
import { adding } from './app/panel';
import { startRouting } from './app/route';
import { startAppearance } from './app/settings';
import { followLink } from './auth/link';
import { phase, user } from './auth/session';
import { confirmPush } from './notifications/push';
import { startRinging } from './notifications/ring';
import { startLive } from './sync/live';
import { load, loaded } from './sync/store';
import { startSync } from './sync/sync';
import { startKeepingFocus } from './ui/keepFocus';
import './ui/design.css';
import './ui/base.css';
import './ui/layout.css';
import './ui/tasks.css';
import './ui/screens.css';

startAppearance();
startReloading();
if (new URLSearchParams(location.search).has('add')) adding.value = true; // the shortcut of the installed app
startRouting();
void start();

// A part that is loaded later may be gone since: a newer page has taken the place of this one. Once a minute at most.
function startReloading(): void {
  const key = 'todoflow.reloaded';
  addEventListener('vite:preloadError', () => {
    if (!navigator.onLine || Date.now() - Number(sessionStorage.getItem(key)) < 60_000) return;
    sessionStorage.setItem(key, String(Date.now()));
    location.reload();
  });
}

async function start(): Promise<void> {
  const signingIn = followLink();
  render(<App />, document.getElementById('app')!);
  await signingIn;
  startSync();
  startKeys();
  startKeepingFocus();
  startRinging();
  startLive();
  let opened = '';
  effect(() => {
    const id = user.value?.id;
    if (id && id !== opened) void load((opened = id));
  });
  if ('serviceWorker' in navigator && import.meta.env.PROD) void navigator.serviceWorker.register('/sw.js');
  effect(() => {
    if (loaded.value && phase.value === 'in') setTimeout(() => void confirmPush().catch(() => undefined), 5000);
  });
}
