import { computed, signal } from '@preact/signals';
import { access, ApiProblem, call, request, Unreachable } from '../api/http';
import type { Tokens } from '../api/types';
import { confirmPush, silence } from '../notifications/push';

/** Whom the copy on this device belongs to. */
export interface User {
  id: string;
  email: string;
}

/** `expired`: the server ended the session; the copy and what was typed stay, and a new sign-in goes on with them. */
export type Phase = 'out' | 'in' | 'expired';

interface Token {
  value: string;
  expires: number; // milliseconds since 1970
}

const KEY = 'todoflow.user';
const COOKIE = { 'X-TodoFlow-Session': 'cookie' }; // the refresh token is a cookie that no script can read
const EARLY = 30_000; // milliseconds before its end that a token is exchanged

export const user = signal<User | null>(stored());
export const phase = signal<Phase>(user.value ? 'in' : 'out');
export const signedIn = computed(() => phase.value !== 'out' && user.value !== null);

let token: Token | null = null; // the user's, never another's: what waits to be sent goes with it
const tabs = new BroadcastChannel('todoflow-session');

tabs.onmessage = ({ data }: MessageEvent<{ token?: Token; user?: User; over?: string; out?: boolean }>) => {
  if (data.out) return startAnew();
  if (data.over === user.value?.id && phase.value === 'in') phase.value = 'expired';
  if (data.token && data.user) {
    if (user.value && user.value.id !== data.user.id) return startAnew();
    token = data.token;
    user.value = data.user;
    phase.value = 'in';
  }
};

access.token = async (rejected) => {
  if (token && token.value !== rejected && token.expires - EARLY > Date.now()) return token.value;
  if (phase.value !== 'in') throw signedOut();
  return await refresh(rejected);
};

// One tab at a time: the cookie's token serves once, and the others are told the access token.
async function refresh(rejected?: string): Promise<string> {
  return await navigator.locks.request('todoflow-token', async () => {
    if (token && token.value !== rejected && token.expires - EARLY > Date.now()) return token.value;
    if (stored()?.id !== user.value?.id) { // another tab signed in somebody else, or signed out
      startAnew();
      throw signedOut();
    }
    try {
      const tokens = await call('post', '/api/auth/refresh', undefined, { anonymous: true, headers: COOKIE });
      if (ownerOf(tokens) !== user.value?.id) throw signedOut(); // the cookie is that of somebody who signs in meanwhile
      keep(tokens);
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) {
        token = null;
        phase.value = 'expired';
        tabs.postMessage({ over: user.value?.id });
      }
      throw error;
    }
    return token!.value;
  });
}

const signedOut = () => new ApiProblem(401, 'signed_out', 'Sign in to go on.');

function keep(tokens: Tokens): void {
  token = { value: tokens.access_token, expires: Date.now() + tokens.expires_in * 1000 };
  tabs.postMessage({ token, user: user.value });
}

// The id of the user to whom tokens belong.
function ownerOf({ access_token }: Tokens): string {
  const claims = access_token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/');
  return (JSON.parse(atob(claims)) as { sub: string }).sub;
}

/** Signs in, or registers, and keeps the session. */
export async function enter(how: 'login' | 'register', email: string, password: string): Promise<void> {
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const options = { anonymous: true, headers: COOKIE };
  await accept(how === 'register'
    ? await call('post', '/api/auth/register', { email, password, time_zone }, options)
    : await call('post', '/api/auth/login', { email, password }, options));
}

/** Signs in by a link that serves once. */
export async function enterByLink(code: string): Promise<void> {
  await accept(await call('post', '/api/auth/link', { code }, { anonymous: true, headers: COOKIE }));
}

/**
 * Goes on with the tokens of a response, such as that of a changed password. Where they are somebody else's than this page's, the page starts anew
 * as theirs: neither it nor another tab gets the tokens before.
 */
export async function accept(tokens: Tokens): Promise<void> {
  const next = user.value?.id === ownerOf(tokens) ? user.value : await accountOf(tokens);
  if (user.value && user.value.id !== next.id) return await forget(next);
  localStorage.setItem(KEY, JSON.stringify(next));
  user.value = next;
  keep(tokens);
  phase.value = 'in';
}

async function accountOf({ access_token }: Tokens): Promise<User> {
  try {
    const { id, email } = await call('get', '/api/me', undefined, { anonymous: true, headers: { Authorization: `Bearer ${access_token}` } });
    return { id, email: email ?? '' };
  } catch (error) {
    await leave().catch(() => undefined); // nobody has signed in, so the cookie is to go, too
    throw error;
  }
}

/** Changes the password; everybody else is signed out, and gets no notifications any more. */
export async function changePassword(current_password: string, new_password: string): Promise<void> {
  await accept(await call('put', '/api/me/password', { current_password, new_password }, { headers: COOKIE }));
  void confirmPush().catch(() => undefined); // this browser still does
}

/** Ends the session, and with it the cookie. */
export async function leave(): Promise<void> {
  try {
    await request('post', '/api/auth/logout', undefined, { anonymous: true, headers: COOKIE });
  } catch (error) {
    if (error instanceof Unreachable) throw error; // the cookie would stay
  }
}

/** Forgets who was signed in, here and in the other tabs; the next user, if there is one, gets none of their reminders, nor what they typed. */
export async function forget(next: User | null = null): Promise<void> {
  await silence().catch(() => undefined); // a browser that cannot say whether it has a subscription keeps nobody from leaving
  if (next) localStorage.setItem(KEY, JSON.stringify(next));
  else localStorage.removeItem(KEY);
  tabs.postMessage({ out: true });
  startAnew();
}

function startAnew(): void {
  token = null;
  sessionStorage.clear();
  location.assign('/');
}

function stored(): User | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') as User | null;
  } catch {
    return null;
  }
}
