import { effect } from '@preact/signals';
import { beforeEach, expect, test, vi } from 'vitest';

// A server that knows people by their names, and the browser that its tabs share. Each `tab()` is a page that was just opened.
interface Asked { path: string; bearer: string | null }
let asked: Asked[] = [];
let cookie: string | null = null; // whose session it is
let failing = '';
let went: string[] = []; // where tabs went
let channels: Channel[] = [];

class Channel {
  onmessage?: (message: { data: unknown }) => void;
  constructor(readonly name: string) {
    channels.push(this);
  }
  postMessage(data: unknown): void {
    for (const one of channels) if (one !== this && one.name === this.name) one.onmessage?.({ data });
  }
}

const storage = (values = new Map<string, string>()) => ({
  getItem: (key: string) => values.get(key) ?? null, setItem: (key: string, value: string) => void values.set(key, value),
  removeItem: (key: string) => void values.delete(key), clear: () => values.clear(),
});

const tokenOf = (name: string) => `head.${btoa(JSON.stringify({ sub: name }))}.signature`;
const tokens = (name: string) => Response.json({ access_token: tokenOf(name), expires_in: 900 });
const problem = (status: number) => Response.json({ status, code: 'problem', title: '', detail: `Problem ${status}`, trace_id: '' }, { status });
const stored = () => (JSON.parse(localStorage.getItem('todoflow.user') ?? 'null') as { id: string } | null)?.id ?? null;

async function tab() {
  vi.resetModules();
  const session = await import('../src/auth/session');
  const { access } = await import('../src/api/http');
  const push = await import('../src/notifications/push');
  return { ...session, ...push, access };
}

async function annasTab() {
  localStorage.setItem('todoflow.user', JSON.stringify({ id: 'anna', email: 'anna' }));
  return await tab();
}

/** A browser that receives pushes; what is returned tells whether it still does. */
function subscribed(): () => boolean {
  let subscription: object | null = { endpoint: 'https://push.example/1', unsubscribe: () => Promise.resolve((subscription = null) === null) };
  const registration = { pushManager: { getSubscription: () => Promise.resolve(subscription) } };
  vi.stubGlobal('window', { PushManager: {}, Notification: {} });
  vi.stubGlobal('navigator', { ...navigator, serviceWorker: { getRegistration: () => Promise.resolve(registration) } });
  return () => subscription !== null;
}

beforeEach(() => {
  [asked, went, channels] = [[], [], []];
  cookie = null;
  failing = '';
  vi.stubGlobal('localStorage', storage());
  vi.stubGlobal('sessionStorage', storage());
  vi.stubGlobal('BroadcastChannel', Channel);
  vi.stubGlobal('location', { assign: (to: string) => went.push(to), reload: () => went.push('reload') });
  vi.stubGlobal('fetch', (path: string, { headers, body }: { headers: Headers; body: string }) => {
    const bearer = headers.get('Authorization')?.replace('Bearer ', '') ?? null;
    asked.push({ path, bearer });
    return Promise.resolve(path === failing ? problem(503) : answer(path, bearer, body));
  });
});

function answer(path: string, bearer: string | null, body: string): Response {
  switch (path) {
    case '/api/auth/login':
      return tokens((cookie = (JSON.parse(body) as { email: string }).email));
    case '/api/auth/refresh':
      return cookie ? tokens(cookie) : problem(401);
    case '/api/auth/logout':
      cookie = null;
      return new Response(null, { status: 204 });
    case '/api/me': {
      const { sub } = JSON.parse(atob(bearer!.split('.')[1]!)) as { sub: string };
      return Response.json({ id: sub, email: sub });
    }
    default:
      return new Response(null, { status: 204 });
  }
}

test('who signs in again goes on, in every tab', async () => {
  const [page, other] = [await annasTab(), await tab()];
  page.phase.value = other.phase.value = 'expired';
  failing = '/api/me'; // whose the tokens are is known without it
  await page.enter('login', 'anna', 'secret');
  for (const one of [page, other]) {
    expect(one.phase.value).toBe('in');
    expect(await one.access.token()).toBe(tokenOf('anna'));
  }
  expect(went).toEqual([]);
});

test('somebody else who signs in gets a page of their own, and no tab of the user before gets their token', async () => {
  const [page, other] = [await annasTab(), await tab()];
  page.phase.value = 'expired';
  const seen: unknown[] = [];
  effect(() => void seen.push(`${page.user.value?.id} ${page.phase.value}`));
  sessionStorage.setItem('todoflow.draft', 'Half a thought');
  await page.enter('login', 'ben', 'secret');
  expect(stored()).toBe('ben');
  expect(went).toEqual(['/', '/']); // both tabs
  expect(seen).toEqual(['anna expired']);
  expect(other.user.value?.id).toBe('anna');
  for (const one of [page, other]) await expect(one.access.token()).rejects.toMatchObject({ status: 401 });
  expect(asked.map(({ path }) => path)).toEqual(['/api/auth/login', '/api/me']); // nobody took the cookie either
  expect(sessionStorage.getItem('todoflow.draft')).toBeNull();

  const again = await tab();
  expect(again.user.value?.id).toBe('ben');
  expect(await again.access.token()).toBe(tokenOf('ben'));
});

test('the page of somebody else who signs in has none of the pushes of the user before', async () => {
  const isSubscribed = subscribed();
  const page = await annasTab();
  page.phase.value = 'expired';
  await page.enter('login', 'ben', 'secret');
  expect(isSubscribed()).toBe(false);
});

test('a sign-in that breaks off before it is known whose it is leaves nothing', async () => {
  const page = await annasTab();
  page.phase.value = 'expired';
  failing = '/api/me';
  await expect(page.enter('login', 'ben', 'secret')).rejects.toThrow('Problem 503');
  expect([page.user.value?.id, page.phase.value, stored(), cookie]).toEqual(['anna', 'expired', 'anna', null]);
  await expect(page.access.token()).rejects.toMatchObject({ status: 401 });
  expect(went).toEqual([]);
});

test('the cookie of somebody else is not taken for the user’s', async () => {
  const page = await annasTab();
  cookie = 'ben';
  await expect(page.access.token()).rejects.toMatchObject({ status: 401 });
  expect(page.phase.value).toBe('expired');
  await expect(page.access.token()).rejects.toMatchObject({ status: 401 });
});

test('a tab that did not hear who signed in starts anew, and leaves them their cookie', async () => {
  const page = await annasTab();
  localStorage.setItem('todoflow.user', JSON.stringify({ id: 'ben', email: 'ben' }));
  cookie = 'ben';
  await expect(page.access.token()).rejects.toMatchObject({ status: 401 });
  expect(went).toEqual(['/']);
  expect(asked).toEqual([]);
});

test('the end of a session is that of its user’s tabs', async () => {
  const [page, other] = [await annasTab(), await tab()];
  localStorage.setItem('todoflow.user', JSON.stringify({ id: 'ben', email: 'ben' }));
  const bens = await tab();
  localStorage.setItem('todoflow.user', JSON.stringify({ id: 'anna', email: 'anna' }));
  await expect(page.access.token()).rejects.toMatchObject({ status: 401 });
  expect([page, other, bens].map(({ phase }) => phase.value)).toEqual(['expired', 'expired', 'in']);
});

test('who leaves takes along their pushes and what they typed, also without a session', async () => {
  const isSubscribed = subscribed();
  const page = await annasTab();
  page.phase.value = 'expired';
  sessionStorage.setItem('todoflow.message', 'Half a question');
  await page.forget();
  expect(isSubscribed()).toBe(false);
  expect(sessionStorage.getItem('todoflow.message')).toBeNull();
  expect(stored()).toBeNull();
  expect(went).toEqual(['/']);
  expect(asked).toEqual([]);
});

test('pushes end in the browser, whatever the server says', async () => {
  const isSubscribed = subscribed();
  const page = await annasTab();
  cookie = 'anna';
  failing = '/api/notifications/push-subscriptions';
  await page.unsubscribe();
  expect(isSubscribed()).toBe(false);
  expect(asked.at(-1)).toEqual({ path: failing, bearer: tokenOf('anna') });
});
