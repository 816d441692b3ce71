import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import type { PushMessage } from './api/types';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

// The page is there without a network; what asks the API always asks the API.
precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: [/^\/(api|hubs|health|metrics)(\/|$)/] }));

self.addEventListener('install', () => void self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => event.waitUntil(ring(event.data?.json() as PushMessage | undefined)));

// A page that is looked at rings by itself (notifications/ring.ts).
async function ring(push: PushMessage | undefined): Promise<void> {
  if (!push) return;
  const pages = await self.clients.matchAll({ type: 'window' });
  if (pages.some((page) => page.visibilityState === 'visible')) {
    for (const page of pages) page.postMessage({ push });
    return;
  }
  await self.registration.showNotification(push.title, {
    body: push.body,
    tag: push.reminder_id ?? push.task_id,
    icon: '/icon-192.png',
    data: { task_id: push.count > 1 ? null : push.task_id },
  });
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openTask((event.notification.data as { task_id: string | null }).task_id));
});

async function openTask(id: string | null): Promise<void> {
  const path = id ? `/tasks/${id}` : '/notifications';
  const [page] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (!page) return void (await self.clients.openWindow(path));
  page.postMessage({ open: path });
  await page.focus();
}
