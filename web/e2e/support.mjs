// What the scripts share: one browser, users, and the host that they drive (tests/Web/PageApp.cs runs them, and says what is in the environment).
import { chromium } from 'playwright-core';

export const url = process.env.TODOFLOW_URL;
export const password = 'correct horse battery';
const executablePath = process.env.TODOFLOW_CHROMIUM ?? '/usr/bin/chromium';
// Chromium takes the last list of these only, so what Playwright switches off stands here, too. The popups of the address bar are pages that each
// window loads before anybody types there: two thirds of what an empty window costs.
const UNUSED = [
  'WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'AimEnabled', 'AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades',
  'LensOverlay', 'MediaRouter', 'NetworkTimeServiceQuerying', 'OptimizationHints', 'PaintHolding', 'PreconnectToSearch', 'ThirdPartyStoragePartitioning',
];
const args = ['--disable-background-networking', '--disable-gpu', `--disable-features=${UNUSED}`, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];

let launched;
/** The browser of this process, which whoever runs the scripts ends. */
export const browser = () => (launched ??= chromium.launch({ executablePath, args }));
export const endBrowser = async () => (await launched)?.close();

/** Asks the fixture for what the API does not do: `stop`, `start` with settings, `sign-in-code`, `tasks`, `model`. */
export async function control(what, body = {}) {
  const response = await fetch(`${process.env.TODOFLOW_CONTROL}/${what}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${what}: ${response.status} ${await response.text()}`);
  return await response.text();
}

/** The day that is so many days from now, YYYY-MM-DD. */
export const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

let users = 0;

/** A user, by the API; `api(method, path, body)` acts for them, and `session` is that of a page that is signed in. */
export async function register(time_zone = 'UTC') {
  const email = `page${process.pid}.${Date.now()}.${++users}@example.com`;
  const { token, session } = await authenticate('register', { email, password, time_zone });
  const api = async (method, path, body, type = 'application/json') => {
    const answer = await fetch(url + path, { method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': type }, body: typeof body === 'object' ? JSON.stringify(body) : body });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : await answer.json();
  };
  return { email, api, session, add: (title, rest = {}) => api('POST', '/api/tasks', { title, ...rest }) };
}

/** Signs in as a page does. What is returned is kept by one browser only: the cookie serves once. */
async function authenticate(how, body) {
  const response = await fetch(`${url}/api/auth/${how}`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-TodoFlow-Session': 'cookie' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${how}: ${response.status} ${await response.text()}`);
  const { access_token: token } = await response.json();
  const id = JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub;
  const [, name, value] = /^([^=]+)=([^;]+)/.exec(response.headers.getSetCookie()[0]);
  const cookie = { name, value, domain: new URL(url).hostname, path: '/api/auth', expires: Date.now() / 1000 + 86_400, httpOnly: true, secure: false, sameSite: 'Strict' };
  return { token, session: { cookie, user: JSON.stringify({ id, email: body.email }) } };
}

/**
 * A page, in a profile of its own; every request that leaves the origin, and every error of a script, is kept in `page.faults`. The service
 * worker fills its cache with the whole page, so only those pages have it whose test asks: `serviceWorkers: 'allow'`.
 */
export async function open({ context: given, ...options } = {}) {
  const context = given ?? await (await browser()).newContext({ viewport: { width: 1280, height: 800 }, timezoneId: 'UTC', reducedMotion: 'reduce', serviceWorkers: 'block', ...options });
  const page = await context.newPage();
  page.faults = [];
  page.setDefaultTimeout(60_000); // however busy the machine is: nothing here says how long something may take
  page.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).host !== new URL(url).host) page.faults.push(`left the origin: ${request.url()}`);
  });
  page.on('pageerror', (error) => page.faults.push(`script: ${error.message}`));
  page.joined = new Promise((joined) => page.on('websocket', (socket) => socket.once('framereceived', joined))); // the hub has answered the handshake
  page.on('console', (message) => /content security policy/i.test(message.text()) && page.faults.push(`CSP: ${message.text()}`));
  return page;
}

/** A new user, and their page. */
export async function start({ path = '/today', ...options } = {}) {
  const user = await register();
  return { user, page: await enter(user.session, path, options) };
}

/** Another browser of a user's. */
export async function secondDevice(user, path = '/all', options = {}) {
  return await enter((await authenticate('login', { email: user.email, password })).session, path, options);
}

// With a local storage of a context's, Playwright opens a window to write it.
async function enter({ cookie, user }, path, options) {
  const page = await open({ ...options, storageState: { cookies: [cookie], origins: [] } });
  await page.context().addInitScript((value) => {
    if (location.protocol !== 'about:' && !localStorage.getItem('todoflow.user')) localStorage.setItem('todoflow.user', value);
  }, user);
  await page.goto(url + path);
  await ready(page);
  return page;
}

/** Signs in by the form, and waits for the list. */
export async function signIn(page, email, path = '/today') {
  await page.goto(url + path);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await ready(page);
}

async function ready(page) {
  await page.locator('.app').getByRole('heading', { level: 1 }).first().waitFor();
  await inStep(page);
}

/** Lets no pull of a page reach the server until what is returned is called: what it shows meanwhile it was told by the hub. */
export async function holdPulls(page) {
  let release;
  const released = new Promise((done) => (release = done));
  await page.route('**/api/sync', (route) => released.then(() => route.continue()));
  return async () => {
    release();
    await page.unrouteAll({ behavior: 'wait' });
  };
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

/** The panel of the assistant, open. */
export async function assistant(page) {
  await page.keyboard.press('a');
  const panel = page.getByRole('complementary', { name: 'Assistant' });
  await panel.getByRole('textbox').waitFor();
  return panel;
}

/** Says something to the assistant, and waits until the turn has ended. */
export async function tell(panel, text) {
  await panel.getByRole('textbox').fill(text);
  await panel.getByRole('textbox').press('Enter');
  await panel.locator('.bubble.user', { hasText: text }).waitFor();
  await panel.locator('.pulse').waitFor({ state: 'detached' });
}
