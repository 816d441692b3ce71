// Reminders ring once, however many tabs are open, and as notifications of the system where none is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inStep, open, row, start, url } from './support.mjs';

test('a reminder rings once with two tabs open, and can be completed there', async () => {
  const { user, page } = await start({ path: '/today' });
  const tab = await open({ context: page.context() });
  await tab.goto(`${url}/all`);
  await Promise.all([inStep(page), inStep(tab)]);
  const [cat, dog] = [await user.add('Feed the cat'), await user.add('Walk the dog')];
  await Promise.race([page.joined, tab.joined]); // one of the tabs listens
  const remind = (task, seconds) => user.api('POST', '/api/reminders', { task_id: task.id, remind_at: new Date(Date.now() + 1000 * seconds).toISOString() });
  await Promise.all([remind(cat, 1.5), remind(dog, 3)]);
  const rings = (title) => Promise.all([page, tab].map((one) => one.locator('.ring', { hasText: title }).count())).then(([a, b]) => a + b);
  const rung = (title) => Promise.any([page, tab].map((one) => one.locator('.ring', { hasText: title }).waitFor()));
  await rung('Feed the cat');
  await rung('Walk the dog'); // by now, the tab that nobody looks at has had its turn
  assert.equal(await rings('Feed the cat'), 1);
  const ringing = (await page.locator('.ring', { hasText: 'Feed the cat' }).count()) > 0 ? page : tab;
  await ringing.getByRole('region', { name: /Feed the cat/ }).getByRole('button', { name: 'Complete' }).click();
  await ringing.locator('.ring', { hasText: 'Feed the cat' }).waitFor({ state: 'detached' });
  await row(tab, 'Feed the cat').waitFor({ state: 'detached' });
  await tab.goto(`${url}/notifications`);
  await tab.getByText('Feed the cat').first().waitFor();
  await page.context().close();
});

test('a push message becomes a notification of the system, and opens the task', async () => {
  const { user, page } = await start({ path: '/all', serviceWorkers: 'allow', permissions: ['notifications'] });
  const task = await user.add('Pushed');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  const cdp = await page.context().newCDPSession(page);
  const registrations = new Promise((found) => cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [one] }) => one && found(one.registrationId)));
  await cdp.send('ServiceWorker.enable');
  const registrationId = await registrations;
  await page.goto('about:blank'); // nobody looks at the page
  const data = JSON.stringify({ notification_id: 'n', task_id: task.id, reminder_id: 'r', title: 'Pushed', body: 'Due now', count: 1 });
  const worker = await open({ context: page.context() });
  const tools = await page.context().newCDPSession(worker);
  await tools.send('ServiceWorker.enable');
  await tools.send('ServiceWorker.deliverPushMessage', { origin: url, registrationId, data });
  await worker.goto(`${url}/all`);
  await worker.waitForFunction(async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 1);
  const shown = await worker.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, tag, data: about }) => ({ title, body, tag, about })));
  assert.deepEqual(shown, [{ title: 'Pushed', body: 'Due now', tag: 'r', about: { task_id: task.id } }]);
  const sheet = worker.getByRole('complementary', { name: 'Task' });
  await worker.evaluate((id) => navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data: { open: `/tasks/${id}` } })), task.id); // as a click does where a page is open
  await sheet.waitFor();
  await worker.goto(`${url}/tasks/${task.id}`); // as it does where none is
  await sheet.waitFor();
  await page.context().close();
});
