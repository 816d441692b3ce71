import { signal } from '@preact/signals';
import type { PushMessage, ReminderMessage } from '../api/types';
import { user } from '../auth/session';
import { db } from '../sync/store';

/** A reminder that is due now, as the hub and a push tell of it. */
export type Ringing = Pick<ReminderMessage & PushMessage, keyof ReminderMessage & keyof PushMessage>;

const KEEP = 24 * 3600_000; // milliseconds that a ring is remembered
const HIDDEN = 400; // milliseconds that a tab nobody looks at lets others go first

/** What rings on this page. */
export const ringing = signal<readonly Ringing[]>([]);

let tabs: BroadcastChannel | null = null;

/** Hears of reminders from the tab that is connected. */
export function startRinging(): void {
  tabs = new BroadcastChannel('todoflow-ring');
  tabs.onmessage = ({ data }: MessageEvent<Ringing | { quiet: string }>) => ('quiet' in data ? hush(data.quiet) : ring(data, false));
  // A push that came while the page is looked at; the hub may have told it already.
  navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent<{ push?: Ringing }>) => data.push && ring(data.push, true));
}

/** Rings once, in the tab that is looked at, or as a notification of the system where there is none. */
export function ring(reminder: Ringing, tell: boolean): void {
  if (tell) tabs?.postMessage(reminder);
  setTimeout(() => void first(reminder), document.visibilityState === 'visible' ? 0 : HIDDEN);
}

/** Somebody has seen it: it is quiet in the other tabs, too. */
export function quiet(id: string): void {
  hush(id);
  tabs?.postMessage({ quiet: id });
}

function hush(id: string): void {
  ringing.value = ringing.value.filter((one) => one.notification_id !== id);
}

async function first(reminder: Ringing): Promise<void> {
  const won = await navigator.locks.request(`todoflow-ring-${user.value?.id}`, async () => {
    const opened = await db();
    const key = reminder.notification_id; // the same, whatever told of it
    if (await opened.get('rung', key)) return false;
    const tx = opened.transaction('rung', 'readwrite');
    for (let cursor = await tx.store.openCursor(); cursor; cursor = await cursor.continue()) {
      if (cursor.value < Date.now() - KEEP) void cursor.delete();
    }
    void tx.store.put(Date.now(), key);
    await tx.done;
    return true;
  });
  if (!won) return;
  ringing.value = [...ringing.value, reminder];
  if (document.visibilityState !== 'visible') await notify(reminder);
}

async function notify({ title, body, task_id, reminder_id }: Ringing): Promise<void> {
  if (Notification.permission !== 'granted') return;
  const registration = await navigator.serviceWorker.getRegistration();
  await registration?.showNotification(title, { body, tag: reminder_id ?? task_id, data: { task_id }, icon: '/icon-192.png' });
}
