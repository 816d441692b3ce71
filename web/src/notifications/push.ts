import { call } from '../api/http';

/** Whether this browser receives reminders while the page is closed. */
export async function isSubscribed(): Promise<boolean> {
  return (await current()) !== null;
}

/** Whether this browser can. */
export const canPush = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

/** Subscribes this browser; asks the user where the browser has not asked before. */
export async function subscribe(): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') throw new Error('denied');
  const { public_key } = await call('get', '/api/notifications/push-key');
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: public_key });
  await tell(subscription);
}

/** Ends it, and tells the server where that can be told. */
export async function unsubscribe(): Promise<void> {
  const endpoint = await silence();
  if (endpoint) await call('delete', '/api/notifications/push-subscriptions', { endpoint }).catch(() => undefined);
}

/** Ends it in this browser, and returns its endpoint. The server drops it once the push service says that it is gone. */
export async function silence(): Promise<string | null> {
  const subscription = await current();
  await subscription?.unsubscribe();
  return subscription?.endpoint ?? null;
}

/** Confirms the subscription; safe to repeat whenever the page is opened. */
export async function confirmPush(): Promise<void> {
  const subscription = await current();
  if (subscription) await tell(subscription);
}

async function current(): Promise<PushSubscription | null> {
  if (!canPush()) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

async function tell(subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  await call('post', '/api/notifications/push-subscriptions', { endpoint: endpoint!, keys: { p256dh: keys!.p256dh!, auth: keys!.auth! } });
}
