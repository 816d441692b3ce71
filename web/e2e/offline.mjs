// Two devices, a server that comes and goes, a session that ends: nothing is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './axe.mjs';
import { control, holdPulls, inStep, open, password, register, row, secondDevice, start, url, visit } from './support.mjs';

const titles = (page) => page.locator('.row .text').allTextContents();

test('two browsers hear each other’s changes from the hub', async () => {
  const { user, page: one } = await start({ path: '/all' });
  const two = await secondDevice(user);
  await Promise.all([one.joined, two.joined]);
  let pull = await holdPulls(two);
  await one.locator('#add').fill('Seen elsewhere');
  await one.locator('#add').press('Enter');
  await row(two, 'Seen elsewhere').waitFor();
  await pull();
  pull = await holdPulls(one);
  await row(two, 'Seen elsewhere').getByRole('checkbox').click();
  await row(one, 'Seen elsewhere').waitFor({ state: 'detached' });
  await pull();
  await one.context().close();
  await two.context().close();
});

test('the host stops, ten changes are made, it starts again, and both browsers agree', async () => {
  const { user, page: one } = await start({ path: '/all', serviceWorkers: 'allow' });
  for (let i = 1; i <= 4; i++) await user.add(`Old ${i}`);
  const two = await secondDevice(user);
  await row(one, 'Old 4').waitFor();
  await one.evaluate(() => navigator.serviceWorker.ready.then(() => true));
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
  await row(two, 'New 5').waitFor({ timeout: 90_000 });
  await two.waitForFunction((n) => document.querySelectorAll('.row').length === n, wanted.length);
  assert.deepEqual((await titles(two)).sort(), wanted);
  assert.deepEqual((await titles(one)).sort(), wanted);
  assert.deepEqual((await user.api('GET', '/api/tasks?status=pending&limit=100')).map(({ title }) => title).sort(), wanted);
  assert.equal(await one.locator('.attention').count(), 0, 'its own changes are no conflict');
  await one.context().close();
  await two.context().close();
});

test('more than a request may hold is sent all the same', async () => {
  const { user, page } = await start({ path: '/all' });
  const tasks = [];
  for (let i = 0; i < 40; i++) tasks.push(await user.add(`Chapter ${i}`));
  await page.reload();
  await inStep(page);
  const sizes = [];
  page.on('request', (request) => request.url().endsWith('/api/sync') && sizes.push(request.postDataBuffer().length));
  await page.context().setOffline(true);
  const notes = '漢'.repeat(10_000); // 30 kB
  for (const { id, title } of tasks) {
    await visit(page, `/all?task=${id}`);
    await page.waitForFunction((text) => document.querySelector('.sheet textarea')?.value === text, title);
    await page.getByLabel('Notes').fill(notes);
    await page.getByLabel('Notes').blur();
  }
  await page.getByText('40 changes to send').waitFor();
  await page.context().setOffline(false);
  await inStep(page);
  assert.ok(Math.max(...sizes) < 1_048_576, `${sizes}`);
  for (const { id } of [tasks[0], tasks[39]]) assert.equal((await user.api('GET', `/api/tasks/${id}`)).description, notes);
  await page.context().close();
});

test('a conflict of two browsers shows both values of every field, and of each either can be kept', async () => {
  const { user, page: one } = await start({ path: '/all' });
  const { id } = await user.add('Before', { due_date: '2027-03-01' });
  const two = await secondDevice(user);
  const change = async (page, { title, notes, due, repeat, priority }) => {
    await row(page, 'Before').getByRole('link').click();
    const sheet = page.getByRole('complementary', { name: 'Task' });
    await sheet.getByLabel('Title').fill(title);
    await sheet.getByLabel('Notes').fill(notes);
    await sheet.getByLabel('Day').fill(due);
    await sheet.getByRole('combobox', { name: 'Repeat' }).selectOption(repeat);
    await sheet.getByRole('button', { name: priority }).click();
  };
  await two.context().setOffline(true);
  await change(two, { title: 'Mine', notes: 'My notes', due: '2027-03-02', repeat: 'weekly', priority: 'High' });
  await two.getByText('5 changes to send').waitFor();
  await change(one, { title: 'Theirs', notes: 'Their notes', due: '2027-03-03', repeat: 'daily', priority: 'Low' });
  await inStep(one);
  await two.context().setOffline(false);

  const card = two.getByRole('form', { name: 'Conflict: Mine' });
  const choice = (field) => card.getByRole('group', { name: field });
  await choice('Priority').waitFor();
  const shown = {};
  for (const field of ['Title', 'Notes', 'Due', 'Repeat', 'Priority']) {
    shown[field] = (await choice(field).locator('label').allTextContents()).map((text) => text.replace(/\d+ Mar/, (date) => date.slice(0, 2)));
    assert.ok(await choice(field).getByRole('radio', { name: 'Yours' }).isChecked(), field);
  }
  assert.deepEqual(
    Object.entries(shown).map(([field, [mine, theirs]]) => [field, /^Yours(.*)$/.exec(mine)[1], /^The other(.*)$/.exec(theirs)[1]]).filter(([field]) => field !== 'Due'),
    [['Title', 'Mine', 'Theirs'], ['Notes', 'My notes', 'Their notes'], ['Repeat', 'every week', 'every day'], ['Priority', 'high', 'low']],
  );
  assert.match(shown.Due[0], /2/);
  assert.match(shown.Due[1], /3/);
  assert.equal(await card.getByRole('group').count(), 5);
  await accessible(two, 'a conflict');

  await choice('Title').getByRole('radio', { name: 'The other' }).check();
  await choice('Priority').getByRole('radio', { name: 'The other' }).check();
  await card.getByRole('button', { name: 'Keep these' }).click();
  await card.waitFor({ state: 'detached' });
  await inStep(two);
  const { title, description, due_date, recurrence, priority } = await user.api('GET', `/api/tasks/${id}`);
  assert.deepEqual([title, description, due_date, recurrence, priority], ['Theirs', 'My notes', '2027-03-02', 'weekly', 'low']);
  await one.waitForFunction(() => document.querySelector('.notes').value === 'My notes');
  assert.equal(await one.locator('.attention').count(), 0, 'the other device had no conflict');
  await one.context().close();
  await two.context().close();
});

test('a session ends in the middle of typing, and nothing is lost', async () => {
  const { user, page } = await start({ path: '/all' });
  await user.add('Draft');
  await row(page, 'Draft').getByRole('link').click();
  const idle = await secondDevice(user);
  await page.getByLabel('Notes').pressSequentially('The first half ');
  await user.api('DELETE', '/api/sessions');
  await idle.getByRole('dialog', { name: 'Your session has ended' }).waitFor(); // nobody types there
  await idle.context().close();
  await page.getByRole('alert').getByText('Your session has ended').waitFor();
  await page.keyboard.type('and the second'); // nothing took the focus
  assert.equal(await page.getByLabel('Notes').inputValue(), 'The first half and the second');
  await page.getByRole('alert').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('dialog', { name: 'Your session has ended' }).getByLabel('Password').fill(password);
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.equal(await page.getByLabel('Notes').inputValue(), 'The first half and the second');
  await inStep(page);
  const again = await secondDevice(user);
  await row(again, 'Draft').getByRole('link').click();
  await again.waitForFunction(() => document.querySelector('.notes').value === 'The first half and the second');
  await page.context().close();
  await again.context().close();
});

test('tabs share one session, and one sign-in link serves once', async () => {
  const user = await register();
  const { code } = JSON.parse(await control('sign-in-code', { email: user.email }));
  const page = await open();
  await page.goto(`${url}/#sign-in=${code}`);
  await page.getByText('Nothing is due today').waitFor();
  assert.ok(!page.url().includes('sign-in'));
  const tab = await open({ context: page.context() });
  await tab.goto(`${url}/all`);
  await Promise.all([page.reload(), tab.reload()]);
  await Promise.all([inStep(page), inStep(tab)]);
  await tab.locator('#add').fill('From the other tab');
  await tab.locator('#add').press('Enter');
  await page.goto(`${url}/all`);
  await row(page, 'From the other tab').waitFor();
  const stranger = await open();
  await stranger.goto(`${url}/#sign-in=${code}`);
  await stranger.getByText('Links serve once').waitFor();
  await page.context().close();
  await stranger.context().close();
});
