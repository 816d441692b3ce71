// Two devices, a server that comes and goes, a session that ends: nothing is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { control, inStep, launch, open, password, register, row, signIn, start, url } from './support.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const titles = (page) => page.locator('.row .text').allTextContents();

test('two browsers see each other’s changes within a second', async () => {
  const { user, page: one } = await start(browser, { path: '/all' });
  const two = await open(browser);
  await signIn(two, user.email, '/all');
  await Promise.all([one.joined, two.joined]);
  const began = Date.now();
  await one.locator('#add').fill('Seen elsewhere');
  await one.locator('#add').press('Enter');
  await row(one, 'Seen elsewhere').waitFor();
  const added = Date.now();
  await row(two, 'Seen elsewhere').waitFor({ timeout: 5000 });
  assert.ok(Date.now() - added < 1000, `${Date.now() - added} ms after it was there, ${Date.now() - began} ms after it was written`);
  const completed = Date.now();
  await row(two, 'Seen elsewhere').getByRole('checkbox').click();
  await row(one, 'Seen elsewhere').waitFor({ state: 'detached', timeout: 5000 });
  assert.ok(Date.now() - completed < 1000, `${Date.now() - completed} ms`);
  await one.context().close();
  await two.context().close();
});

test('the host stops, ten changes are made, it starts again, and both browsers agree', async () => {
  const { user, page: one } = await start(browser, { path: '/all' });
  for (let i = 1; i <= 4; i++) await user.add(`Old ${i}`);
  const two = await open(browser);
  await signIn(two, user.email, '/all');
  await row(one, 'Old 4').waitFor();
  await control('stop');
  const add = one.locator('#add');
  for (let i = 1; i <= 5; i++) {
    await add.fill(`New ${i}`);
    await add.press('Enter');
    await row(one, `New ${i}`).waitFor();
  }
  await row(one, 'Old 1').getByRole('checkbox').click(); // 6
  await row(one, 'Old 2').getByRole('checkbox').click(); // 7
  await row(one, 'New 1').getByRole('link').click();
  await one.getByLabel('Title', { exact: true }).fill('New one'); // 8
  await one.getByLabel('Title', { exact: true }).press('Enter');
  await one.getByRole('button', { name: 'High' }).click(); // 9
  await one.keyboard.press('Escape');
  await row(one, 'New 2').getByRole('link').focus();
  await one.keyboard.press('Delete'); // 10
  await one.getByText('10 changes to send').waitFor();
  await one.reload(); // the page itself is there without the host
  await row(one, 'New one').waitFor();
  const wanted = ['New 3', 'New 4', 'New 5', 'New one', 'Old 3', 'Old 4'];
  assert.deepEqual((await titles(one)).sort(), wanted);

  await control('start');
  await inStep(one);
  await row(two, 'New 5').waitFor({ timeout: 70_000 });
  await two.waitForFunction((n) => document.querySelectorAll('.row').length === n, wanted.length);
  assert.deepEqual((await titles(two)).sort(), wanted);
  assert.deepEqual((await titles(one)).sort(), wanted);
  assert.deepEqual((await user.api('GET', '/api/tasks?status=pending&limit=100')).map(({ title }) => title).sort(), wanted);
  assert.equal(await one.locator('.attention').count(), 0, 'its own changes are no conflict');
  await one.context().close();
  await two.context().close();
});

test('a conflict is shown with both values, and either can be kept', async () => {
  const { user, page } = await start(browser, { path: '/all' });
  const { id } = await user.add('Before');
  await row(page, 'Before').waitFor();
  await page.context().setOffline(true);
  await row(page, 'Before').getByRole('link').click();
  await page.getByLabel('Title', { exact: true }).fill('Mine');
  await page.getByLabel('Title', { exact: true }).press('Enter');
  await page.getByText('1 change to send').waitFor();
  await user.api('PUT', `/api/tasks/${id}`, { title: 'Theirs' });
  await page.context().setOffline(false);
  const card = page.getByRole('region', { name: 'To look at' });
  await card.getByText('Theirs').waitFor();
  await card.getByRole('cell', { name: 'Mine' }).waitFor();
  await card.getByRole('button', { name: 'Use the other' }).click();
  await card.waitFor({ state: 'detached' });
  await inStep(page);
  assert.equal((await user.api('GET', `/api/tasks/${id}`)).title, 'Theirs');
  await page.context().close();
});

test('a session ends in the middle of typing, and nothing is lost', async () => {
  const { user, page } = await start(browser, { path: '/all' });
  await user.add('Draft');
  await row(page, 'Draft').getByRole('link').click();
  await page.getByLabel('Notes').pressSequentially('The first half ');
  await user.api('DELETE', '/api/sessions');
  await page.getByLabel('Notes').pressSequentially('and the second');
  await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor({ timeout: 20_000 });
  assert.equal(await page.getByLabel('Notes').inputValue(), 'The first half and the second');
  await page.getByRole('dialog').getByLabel('Password').fill(password);
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.equal(await page.getByLabel('Notes').inputValue(), 'The first half and the second');
  await inStep(page);
  const again = await open(browser);
  await signIn(again, user.email, '/all');
  await row(again, 'Draft').getByRole('link').click();
  await again.waitForFunction(() => document.querySelector('.notes').value === 'The first half and the second');
  await page.context().close();
  await again.context().close();
});

test('tabs share one session, and one sign-in link serves once', async () => {
  const user = await register();
  const { code } = JSON.parse(await control('sign-in-code', { email: user.email }));
  const page = await open(browser);
  await page.goto(`${url}/#sign-in=${code}`);
  await page.getByText('Nothing is due today').waitFor();
  assert.ok(!page.url().includes('sign-in'));
  const tab = await open(browser, { context: page.context() });
  await tab.goto(`${url}/all`);
  await Promise.all([page.reload(), tab.reload()]);
  await Promise.all([inStep(page), inStep(tab)]);
  await tab.locator('#add').fill('From the other tab');
  await tab.locator('#add').press('Enter');
  await page.goto(`${url}/all`);
  await row(page, 'From the other tab').waitFor();
  const stranger = await open(browser);
  await stranger.goto(`${url}/#sign-in=${code}`);
  await stranger.getByText('Links serve once').waitFor();
  await page.context().close();
  await stranger.context().close();
});
