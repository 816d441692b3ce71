// Reminders ring once, however many tabs are open; and the assistant acts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inStep, launch, open, row, start, url } from './support.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

test('a reminder rings once with two tabs open, and can be completed there', async () => {
  const { user, page } = await start(browser, { path: '/today' });
  const tab = await open(browser, { context: page.context() });
  await tab.goto(`${url}/all`);
  await Promise.all([inStep(page), inStep(tab)]);
  const task = await user.add('Feed the cat');
  await Promise.race([page.joined, tab.joined]); // one of the tabs listens
  await user.api('POST', '/api/reminders', { task_id: task.id, remind_at: new Date(Date.now() + 2500).toISOString() });
  const cards = () => Promise.all([page, tab].map((one) => one.locator('.ring').count()));
  await Promise.any([page, tab].map((one) => one.locator('.ring').waitFor({ timeout: 15_000 })));
  await page.waitForTimeout(1500); // time for a second one
  assert.equal((await cards()).reduce((a, b) => a + b), 1);
  const ringing = (await page.locator('.ring').count()) > 0 ? page : tab;
  await ringing.getByRole('region', { name: /Feed the cat/ }).getByRole('button', { name: 'Complete' }).click();
  await ringing.locator('.ring').waitFor({ state: 'detached' });
  await row(tab, 'Feed the cat').waitFor({ state: 'detached' });
  await tab.goto(`${url}/notifications`);
  await tab.getByText('Feed the cat').first().waitFor();
  await page.context().close();
});

test('a push message becomes a notification of the system, and opens the task', async () => {
  const { user, page } = await start(browser, { path: '/all', permissions: ['notifications'] });
  const task = await user.add('Pushed');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  const cdp = await page.context().newCDPSession(page);
  const registrations = new Promise((found) => cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [one] }) => one && found(one.registrationId)));
  await cdp.send('ServiceWorker.enable');
  const registrationId = await registrations;
  await page.goto('about:blank'); // nobody looks at the page
  const data = JSON.stringify({ notification_id: 'n', task_id: task.id, reminder_id: 'r', title: 'Pushed', body: 'Due now', count: 1 });
  const worker = await open(browser, { context: page.context() });
  const tools = await page.context().newCDPSession(worker);
  await tools.send('ServiceWorker.enable');
  await tools.send('ServiceWorker.deliverPushMessage', { origin: url, registrationId, data });
  await worker.goto(`${url}/all`);
  await worker.waitForFunction(async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 1);
  const shown = await worker.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, tag, data: about }) => ({ title, body, tag, about })));
  assert.deepEqual(shown, [{ title: 'Pushed', body: 'Due now', tag: 'r', about: { task_id: task.id } }]);
  await worker.goto(`${url}/tasks/${task.id}`);
  await worker.getByRole('complementary', { name: 'Task' }).waitFor();
  await page.context().close();
});

test('the assistant adds three tasks by its rules, asks before it deletes them, and each can be undone', async () => {
  const { page } = await start(browser, { path: '/all' });
  await page.keyboard.press('a');
  const panel = page.getByRole('complementary', { name: 'Assistant' });
  const say = async (text) => {
    await panel.getByRole('textbox').fill(text);
    await panel.getByRole('textbox').press('Enter');
    await panel.locator('.pulse').waitFor({ state: 'detached' });
  };
  for (const title of ['buy milk', 'call mom', 'water the plants']) await say(`Add ${title}`);
  for (const title of [/buy milk/i, /call mom/i, /water the plants/i]) await row(page, title).waitFor();
  await panel.getByRole('button', { name: /^Undo: Added .*call mom/i }).click();
  await row(page, /call mom/i).waitFor({ state: 'detached' });
  await say('Delete buy milk');
  await panel.getByRole('region', { name: 'Approval' }).getByRole('button', { name: 'Approve' }).click();
  await row(page, /buy milk/i).waitFor({ state: 'detached' });
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
