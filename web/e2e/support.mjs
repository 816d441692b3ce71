// What the scripts share: Chromium, users, and the host that they drive (tests/Web/PageApp.cs runs them, and says what is in the environment).
import { chromium } from 'playwright-core';

export const url = process.env.TODOFLOW_URL;
const executablePath = process.env.TODOFLOW_CHROMIUM ?? '/usr/bin/chromium';
const args = ['--disable-background-networking', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];

/** A browser for one script. */
export const launch = () => chromium.launch({ executablePath, args });

/** Asks the fixture for what the API does not do: `stop`, `start` with settings, `sign-in-code`. */
export async function control(what, body = {}) {
  const response = await fetch(`${process.env.TODOFLOW_CONTROL}/${what}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${what}: ${response.status} ${await response.text()}`);
  return await response.text();
}

let users = 0;
export const password = 'correct horse battery';

/** A user, by the API; `api(method, path, body)` acts for them. */
export async function register(time_zone = 'UTC') {
  const email = `page${process.pid}.${Date.now()}.${++users}@example.com`;
  const response = await fetch(`${url}/api/auth/register`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password, time_zone }),
  });
  const { access_token: token } = await response.json();
  const api = async (method, path, body, type = 'application/json') => {
    const answer = await fetch(url + path, { method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': type }, body: typeof body === 'object' ? JSON.stringify(body) : body });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : await answer.json();
  };
  return { email, api, add: (title, rest = {}) => api('POST', '/api/tasks', { title, ...rest }) };
}

/** A page, in a profile of its own; every request that leaves the origin, and every error of a script, is kept in `page.faults`. */
export async function open(browser, options = {}) {
  const context = options.context ?? await browser.newContext({ viewport: { width: 1280, height: 800 }, timezoneId: 'UTC', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.faults = [];
  page.setDefaultTimeout(15_000);
  page.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).host !== new URL(url).host) page.faults.push(`left the origin: ${request.url()}`);
  });
  page.on('pageerror', (error) => page.faults.push(`script: ${error.message}`));
  page.joined = new Promise((joined) => page.on('websocket', (socket) => socket.once('framereceived', joined))); // the hub has answered the handshake
  page.on('console', (message) => /content security policy/i.test(message.text()) && page.faults.push(`CSP: ${message.text()}`));
  return page;
}

/** Signs in by the form, and waits for the list. */
export async function signIn(page, email, path = '/today') {
  await page.goto(url + path);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await inStep(page);
}

/** Waits until the copy is in step, and nothing waits to be sent. */
export const inStep = (page) => page.locator('.sync.ok').filter({ hasText: /^$/ }).waitFor({ state: 'attached' });

/** Goes to another screen as a link does, without loading the page again. */
export const visit = (page, path) => page.evaluate((to) => {
  history.pushState(null, '', to);
  dispatchEvent(new PopStateEvent('popstate'));
}, path);

/** The rows of the list that is shown. */
export const row = (page, title) => page.locator('.row', { hasText: title });

/** A user who is signed in. */
export async function start(browser, options = {}) {
  const user = await register();
  const page = await open(browser, options);
  await signIn(page, user.email, options.path);
  return { user, page };
}
