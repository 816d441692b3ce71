// Every screen and every key, as a person meets them; and what a planted title can do, which is nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, holdPulls, inStep, open, password, row, signIn, start, url, visit } from './support.mjs';

test('somebody makes an account, signs out, and signs in', async () => {
  const page = await open();
  const email = `new.${Date.now()}@example.com`;
  await page.goto(url);
  await page.getByRole('button', { name: 'Make an account' }).click();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Make the account' }).click();
  await page.getByText('Nothing is due today').waitFor();
  await visit(page, '/settings');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('heading', { name: 'Sign in to TodoFlow' }).waitFor();
  await signIn(page, email);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('quick add shows what it understood, and takes it back', async () => {
  const { page } = await start();
  const add = page.locator('#add');
  await add.fill('Call mom tomorrow 5pm #family p1');
  await page.locator('.chip', { hasText: 'Tomorrow' }).waitFor();
  await page.locator('.chip', { hasText: '#family' }).getByRole('button').click();
  await page.locator('.chip', { hasText: '#family' }).waitFor({ state: 'detached' });
  await add.press('Enter');
  await visit(page, '/upcoming');
  await row(page, 'Call mom #family').waitFor();
  await page.getByRole('heading', { name: /^Tomorrow/ }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the keys do what the help says', async () => {
  const { user, page } = await start();
  for (const title of ['One', 'Two', 'Three']) await user.add(title, { due_date: day(0) });
  await row(page, 'Three').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  assert.match(await page.evaluate(() => document.activeElement.textContent), /One/);
  await page.keyboard.press('x');
  await row(page, 'One').waitFor({ state: 'detached' });
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Two/);
  await page.keyboard.press('z');
  await row(page, 'One').waitFor();
  await page.keyboard.press('e');
  await page.getByRole('complementary', { name: 'Task' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('complementary', { name: 'Task' }).waitFor({ state: 'detached' });
  await page.keyboard.press('Delete');
  await row(page, 'Two').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await row(page, 'Two').waitFor();
  await page.keyboard.press('q');
  await page.waitForFunction(() => document.activeElement?.id === 'add');
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.waitForFunction(() => document.activeElement?.id === 'search');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('t moves a task to today', async () => {
  const { user, page } = await start({ path: '/upcoming' });
  await user.add('Later', { due_date: day(3) });
  await row(page, 'Later').getByRole('link').focus();
  await page.keyboard.press('t');
  await row(page, 'Later').waitFor({ state: 'detached' });
  await visit(page, '/today');
  await row(page, 'Later').waitFor();
  await page.context().close();
});

test('a sheet changes everything of a task, and shows the next five occurrences', async () => {
  const { user, page } = await start({ path: '/all' });
  const { id } = await user.add('Rent', { due_date: '2027-01-31' });
  await row(page, 'Rent').getByRole('link').click();
  const sheet = page.getByRole('complementary', { name: 'Task' });
  await sheet.getByLabel('Title').fill('Pay the rent');
  await sheet.getByLabel('Notes').fill('By bank transfer');
  await sheet.getByRole('combobox', { name: 'Repeat' }).selectOption('monthly');
  await sheet.getByRole('list', { name: 'Next occurrences' }).locator('li').nth(4).waitFor();
  await sheet.getByLabel('Time', { exact: true }).fill('09:30');
  await sheet.getByRole('button', { name: 'High' }).click();
  await sheet.getByLabel('Add a tag').fill('home');
  await sheet.getByLabel('Add a tag').press('Enter');
  await sheet.getByLabel('Add a reminder').selectOption('1 hour');
  await sheet.getByRole('button', { name: /Remove the reminder/ }).waitFor();
  await inStep(page);
  const task = await user.api('GET', `/api/tasks/${id}`);
  assert.deepEqual([task.title, task.description, task.recurrence, task.priority, task.tags], ['Pay the rent', 'By bank transfer', 'monthly', 'high', ['home']]);
  assert.match(task.due_date, /^2027-01-31T09:30:00/);
  await sheet.getByText('History').click();
  await sheet.getByText('Created').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('what repeats has a date, and what has none does not repeat', async () => {
  const { user, page } = await start({ path: '/all' });
  const { id } = await user.add('Water the plants');
  const kept = async () => {
    await inStep(page);
    const { due_date, recurrence } = await user.api('GET', `/api/tasks/${id}`);
    return [due_date, recurrence];
  };
  await row(page, 'Water').getByRole('link').click();
  const sheet = page.getByRole('complementary', { name: 'Task' });
  await sheet.getByRole('combobox', { name: 'Repeat' }).selectOption('daily');
  await page.getByText('It is due today now').waitFor();
  assert.deepEqual(await kept(), [day(0), 'daily']);
  await sheet.getByRole('button', { name: 'No date' }).click();
  await page.getByText('does not repeat any more').waitFor();
  assert.deepEqual(await kept(), [null, 'none']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await sheet.getByRole('button', { name: 'No date' }).waitFor();
  assert.deepEqual(await kept(), [day(0), 'daily']);
  assert.equal(await page.locator('.attention').count(), 0);
  await page.context().close();
});

test('a date that is being typed is kept when it is whole', async () => {
  const { user, page } = await start({ path: '/all' });
  const { id } = await user.add('Dentist', { due_date: '2027-03-01T09:30:00Z' });
  const sent = [];
  page.on('request', (request) => request.url().endsWith('/api/sync') && sent.push(...request.postDataJSON().commands.map(({ args }) => args.due_date)));
  await row(page, 'Dentist').getByRole('link').click();
  const sheet = page.getByRole('complementary', { name: 'Task' });
  const [date, time] = [sheet.getByLabel('Day'), sheet.getByLabel('Time', { exact: true })];
  const type = async (field, keys, text = '') => {
    await field.focus();
    for (const key of keys) await page.keyboard.press(key);
    await page.keyboard.type(text);
  };
  const leave = () => sheet.getByLabel('Title').focus();
  await type(date, ['Backspace']); // the day, or the month
  assert.equal(await date.inputValue(), '');
  await leave();
  assert.equal(await date.inputValue(), '2027-03-01');
  await type(time, ['Backspace']);
  await leave();
  assert.equal(await time.inputValue(), '09:30');
  await type(date, ['ArrowRight', 'ArrowRight'], '20');
  assert.equal(await date.inputValue(), '0020-03-01');
  await leave();
  assert.equal(await date.inputValue(), '2027-03-01');
  await type(date, [], '05052028');
  await page.keyboard.press('Enter');
  await sheet.getByText(/2028/).waitFor();
  await inStep(page);
  assert.deepEqual(sent, ['2028-05-05T09:30:00']);
  assert.match((await user.api('GET', `/api/tasks/${id}`)).due_date, /^2028-05-05T09:30:00/);
  await page.context().close();
});

test('a link opens a task that this device has not heard of, and says where there is none', async () => {
  const { user, page } = await start();
  await page.goto('about:blank'); // and hears of nothing
  const { id } = await user.add('From elsewhere');
  const sheet = page.getByRole('complementary', { name: 'Task' });
  const pull = await holdPulls(page);
  await page.goto(`${url}/tasks/${id}`);
  await sheet.getByText('Looking for this task').waitFor();
  await pull();
  await page.waitForFunction(() => document.querySelector('.sheet textarea')?.value === 'From elsewhere');

  await user.api('DELETE', `/api/tasks/${id}`); // while it is looked at
  await sheet.waitFor({ state: 'detached' });
  await page.goto(`${url}/tasks/${id}`);
  await page.getByText('not there any more').waitFor();
  await sheet.waitFor({ state: 'detached' });

  await page.goto('about:blank');
  const later = await user.add('Heard of later');
  await page.route('**/api/sync', (route) => route.abort());
  await page.goto(`${url}/tasks/${later.id}`);
  await sheet.getByText('not on this device yet').waitFor();
  await page.unrouteAll({ behavior: 'wait' });
  await page.waitForFunction(() => document.querySelector('.sheet textarea')?.value === 'Heard of later');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('search finds as one types, also misspelt words', async () => {
  const { user, page } = await start({ path: '/search' });
  await user.add('Water the plants');
  await page.getByLabel('Search', { exact: true }).pressSequentially('plan');
  await row(page, 'Water the plants').waitFor();
  await page.getByLabel('Search', { exact: true }).fill('plnts');
  await row(page, 'Water the plants').waitFor();
  await page.context().close();
});

test('the trash gives back what was deleted', async () => {
  const { user, page } = await start({ path: '/trash' });
  await page.getByText('The trash is empty').waitFor();
  const { id } = await user.add('Old letters');
  await user.api('DELETE', `/api/tasks/${id}`);
  await visit(page, '/all');
  await visit(page, '/trash');
  await page.getByRole('button', { name: 'Restore' }).click();
  await visit(page, '/all');
  await row(page, 'Old letters').waitFor();

  for (const title of ['One', 'Two', 'Three']) await user.api('DELETE', `/api/tasks/${(await user.add(title)).id}`);
  await page.route('**/api/trash?*', (route) => route.continue({ url: route.request().url().replace('limit=200', 'limit=2') })); // as if there were many
  await visit(page, '/trash');
  await page.getByText('Two', { exact: true }).waitFor();
  assert.equal(await page.getByText('One', { exact: true }).count(), 0);
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText('One', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Show more' }).waitFor({ state: 'detached' });
  await page.context().close();
});

test('a planted title does nothing, and nothing leaves the origin', async () => {
  const { user, page } = await start({ path: '/all' });
  await user.add('<img src=x onerror="document.title=1"><script>document.title=2</script> https://evil.example', { description: '[x](javascript:alert(1))' });
  await row(page, 'onerror').getByRole('link').click();
  await page.getByRole('complementary', { name: 'Task' }).waitFor();
  assert.match(await page.title(), /All tasks/);
  assert.equal(await page.locator('.row img, .sheet img').count(), 0);
  assert.deepEqual(page.faults, []);
  const inline = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.planted = true';
    document.body.append(script);
    return window.planted ?? false;
  });
  assert.equal(inline, false);
  await page.context().close();
});

test('right to left, the page is mirrored and nothing sticks out', async () => {
  const { user, page } = await start({ path: '/today' });
  await user.add('اتصل بأمي', { due_date: day(0), tags: ['عائلة'] });
  await page.evaluate(() => (document.documentElement.dir = 'rtl'));
  await row(page, 'اتصل').waitFor();
  const boxes = await page.evaluate(() => ({
    lists: document.querySelector('.sidebar').getBoundingClientRect().left, main: document.querySelector('main').getBoundingClientRect().left,
    wide: Math.max(document.documentElement.scrollWidth - innerWidth, document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth),
  }));
  assert.ok(boxes.lists > boxes.main && boxes.wide <= 0, JSON.stringify(boxes));
  await page.context().close();
});
