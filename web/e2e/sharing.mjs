// Two people who share a browser: neither sees, sends or is told what is the other's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inStep, open, password, register, row, signIn, url, visit } from './support.mjs';

const titles = (page) => page.locator('.row .text').allTextContents();
const idOf = (user) => JSON.parse(user.session.user).id;
const over = (page) => page.getByRole('dialog', { name: 'Your session has ended' });

async function signInAgain(page, email) {
  await over(page).getByLabel('E-mail address').fill(email);
  await over(page).getByLabel('Password').fill(password);
  await over(page).getByRole('button', { name: 'Sign in', exact: true }).click();
}

/**
 * Two tabs of Anna, whose session has ended while a change waited and something was half typed. `senders` are the ids of those with whose token
 * the change was sent.
 */
async function ended() {
  const [anna, ben] = [await register(), await register()];
  await anna.add('Water the roses');
  await ben.add('Feed the cat');
  const page = await open();
  await signIn(page, anna.email, '/all');
  await row(page, 'Water the roses').waitFor();
  const tab = await open({ context: page.context() });
  await tab.goto(`${url}/all`);
  await row(tab, 'Water the roses').waitFor();
  await Promise.all([inStep(page), inStep(tab)]);

  await page.context().setOffline(true);
  await page.locator('#add').fill('Secret');
  await page.locator('#add').press('Enter');
  await page.getByText('1 change to send').waitFor();
  for (const one of [page, tab]) {
    await one.locator('#add').fill('Half a thought');
    await one.locator('#add').blur();
  }
  const senders = [];
  page.context().on('request', (request) => {
    if (!request.url().endsWith('/api/sync') || !request.postData()?.includes('Secret')) return;
    senders.push(JSON.parse(Buffer.from(request.headers().authorization.split('.')[1], 'base64url')).sub);
  });
  await anna.api('DELETE', '/api/sessions');
  await page.context().setOffline(false);
  await Promise.all([over(page).waitFor(), over(tab).waitFor()]);
  return { anna, ben, page, tab, senders };
}

test('somebody else signs in where a session has ended, and gets nothing of the user before', async () => {
  const { anna, ben, page, tab, senders } = await ended();
  senders.length = 0;
  await signInAgain(page, ben.email);
  for (const one of [page, tab]) {
    await one.waitForURL('**/today');
    await visit(one, '/all');
    await row(one, 'Feed the cat').waitFor();
    await inStep(one);
    assert.deepEqual(await titles(one), ['Feed the cat']);
    assert.equal(await one.locator('#add').inputValue(), '');
  }
  assert.deepEqual(senders, []);
  assert.deepEqual((await ben.api('GET', '/api/tasks')).map(({ title }) => title), ['Feed the cat']);

  await ben.api('DELETE', '/api/sessions'); // what waits is sent once its user is back
  await over(page).waitFor();
  await signInAgain(page, anna.email);
  await page.waitForURL('**/today');
  await visit(page, '/all');
  await row(page, 'Secret').waitFor();
  await inStep(page);
  assert.deepEqual((await titles(page)).sort(), ['Secret', 'Water the roses']);
  assert.deepEqual([...new Set(senders)], [idOf(anna)]);
  await page.context().close();
});

test('a sign-in of somebody else that breaks off leaves the user before as they were', async () => {
  const { anna, ben, page, senders } = await ended();
  await page.route('**/api/me', (route) => route.fulfill({ status: 503, json: { status: 503, code: 'unavailable', title: 'Unavailable', detail: 'Busy for a moment.', trace_id: '' } }));
  await signInAgain(page, ben.email);
  await over(page).getByText('Busy for a moment.').waitFor();
  await page.unroute('**/api/me');
  await signInAgain(page, anna.email);
  await over(page).waitFor({ state: 'hidden' });
  assert.equal(await page.locator('#add').inputValue(), 'Half a thought');
  await row(page, 'Secret').waitFor();
  await inStep(page);
  assert.deepEqual([...new Set(senders)], [idOf(anna)]);
  assert.deepEqual((await ben.api('GET', '/api/tasks')).map(({ title }) => title), ['Feed the cat']);
  await page.context().close();
});

test('who signs out where a session has ended leaves neither reminders nor words', async () => {
  const { page, tab } = await ended();
  await page.evaluate(() => { // a subscription, without a push service
    const subscription = { endpoint: 'https://push.example/1', unsubscribe: async () => localStorage.setItem('unsubscribed', 'yes') };
    navigator.serviceWorker.getRegistration = async () => ({ pushManager: { getSubscription: async () => subscription } });
  });
  await over(page).getByRole('button', { name: 'Sign out here' }).click();
  for (const one of [page, tab]) {
    await one.getByRole('heading', { name: 'Sign in to TodoFlow' }).waitFor();
    assert.equal(await one.evaluate(() => sessionStorage.getItem('todoflow.draft')), null);
  }
  assert.equal(await page.evaluate(() => localStorage.getItem('unsubscribed')), 'yes');
  await page.context().close();
});
