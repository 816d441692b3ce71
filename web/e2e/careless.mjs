// The page as people break it: twice where once was meant, offline in the middle of a word, texts without end, narrow screens, no mouse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assistant, day, inStep, open, password, register, row, start, tell, url, visit } from './support.mjs';

const tooWide = (page) => page.evaluate(() => [document.documentElement, ...document.querySelectorAll('main, .side, .sheet-body, .talk, .sidebar, dialog[open]')]
  .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1).map((one) => `${one.tagName} ${one.className}: ${one.scrollWidth} of ${one.clientWidth}`));

test('what is sent twice is done once', async () => {
  const user = await register();
  const page = await open();
  await page.goto(url);
  await page.getByLabel('E-mail address').fill(user.email);
  await page.getByLabel('Password').fill(password);
  const signIns = [];
  page.on('request', (request) => request.url().endsWith('/api/auth/login') && signIns.push(request));
  await page.evaluate(() => [1, 2].forEach(() => document.querySelector('form').requestSubmit()));
  await page.locator('#add').waitFor();
  assert.equal(signIns.length, 1);

  const add = page.locator('#add');
  let arrive;
  const arrived = new Promise((done) => (arrive = done));
  await page.route('**/api/tasks/quick', (route) => arrived.then(() => route.continue())); // a slow network
  await add.fill('Only once');
  await add.press('Enter');
  await add.press('Enter');
  await add.pressSequentially('And another'); // typed while the first one is on its way
  arrive();
  await row(page, 'Only once').waitFor();
  assert.equal(await add.inputValue(), 'And another');
  await add.press('Enter');
  await row(page, 'And another').waitFor();
  await inStep(page);
  assert.deepEqual((await user.api('GET', '/api/tasks')).map(({ title }) => title).sort(), ['And another', 'Only once']);

  await add.press('Escape');
  const panel = await assistant(page);
  await panel.getByRole('textbox').fill('Add milk');
  await panel.getByRole('textbox').press('Enter');
  await panel.getByRole('textbox').press('Enter');
  await panel.locator('.did').waitFor();
  assert.equal(await panel.locator('.bubble.user').count(), 1);
  await tell(panel, 'Delete milk');
  const decisions = [];
  page.on('request', (request) => request.url().endsWith('/approvals') && decisions.push(request));
  await panel.getByRole('button', { name: 'Approve' }).dblclick();
  await panel.getByText('You approved it.').waitFor();
  assert.equal(decisions.length, 1);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the network goes away in the middle of a word, and the page with it', async () => {
  const { user, page } = await start({ path: '/all', serviceWorkers: 'allow' });
  const { id } = await user.add('Letter');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await row(page, 'Letter').getByRole('link').click();
  await page.getByLabel('Notes').pressSequentially('Dear N');
  await page.context().setOffline(true);
  await page.getByLabel('Notes').pressSequentially('adia');
  await page.locator('#add').fill('Half a tho');
  await page.reload();
  assert.equal(await page.getByLabel('Notes').inputValue(), 'Dear Nadia');
  assert.equal(await page.locator('#add').inputValue(), 'Half a tho');
  await page.locator('#add').press('End');
  await page.locator('#add').pressSequentially('ught tomorrow');
  await page.locator('#add').press('Enter');
  await row(page, 'Half a thought tomorrow').waitFor();
  await page.getByText(/only online/).waitFor();
  await page.context().setOffline(false);
  await inStep(page);
  assert.equal((await user.api('GET', `/api/tasks/${id}`)).description, 'Dear Nadia');
  assert.deepEqual((await user.api('GET', '/api/tasks')).map(({ title }) => title).sort(), ['Half a thought tomorrow', 'Letter']);
  await page.context().close();
});

test('notes of 10,000 characters are kept whole, also where they cannot be saved', async () => {
  const { user, page } = await start({ path: '/all' });
  const { id } = await user.add('Novel');
  const notes = `“Call me Ishmael” 🐋\n${'Some years ago, never mind how long precisely. '.repeat(300)}`.slice(0, 10_000);
  await row(page, 'Novel').getByRole('link').click();
  await page.getByLabel('Notes').fill(notes);
  await page.getByLabel('Notes').blur();
  await inStep(page);
  assert.equal((await user.api('GET', `/api/tasks/${id}`)).description, notes);
  await page.getByText('History').click();
  await page.locator('.history').getByText('Notes:').waitFor();
  assert.deepEqual(await tooWide(page), []);

  await page.context().setOffline(true);
  await page.getByLabel('Notes').fill(`Changed. ${notes}`.slice(0, 10_000));
  await page.getByLabel('Notes').blur();
  await page.getByText('1 change to send').waitFor();
  await user.api('DELETE', `/api/tasks/${id}`);
  await page.context().setOffline(false);
  const card = page.getByRole('region', { name: 'To look at' });
  await card.getByText('could not be saved').waitFor();
  assert.equal(await card.locator('.long-text').textContent(), `Changed. ${notes}`.slice(0, 10_000));
  assert.ok((await card.boundingBox()).height < 400);
  await card.getByRole('button', { name: 'Dismiss' }).click();
  await card.waitFor({ state: 'detached' });
  await page.evaluate(() => (AbortSignal.timeout = () => new AbortController().signal)); // otherwise a server that takes long counts as none
  await page.locator('#add').fill('x'.repeat(700)); // longer than a title may be
  await page.locator('#add').press('Enter');
  await page.locator('.add .error').waitFor();
  assert.equal((await page.locator('#add').inputValue()).length, 700);
  await page.context().close();
});

test('texts have their own direction, whatever that of the page is', async () => {
  const { user, page } = await start({ path: '/all' });
  await user.add('Read (שלום) aloud!', { description: 'שלום, עולם' });
  await user.add('اتصل بأمي في 5!', { due_date: day(0), tags: ['عائلة'] });
  await row(page, 'اتصل').waitFor();
  for (const dir of ['ltr', 'rtl']) {
    await page.evaluate((to) => (document.documentElement.dir = to), dir);
    for (const [title, own] of [['Read', 'ltr'], ['اتصل', 'rtl']]) {
      await row(page, title).getByRole('link').click();
      const field = page.getByRole('complementary', { name: 'Task' }).getByLabel('Title');
      assert.equal(await field.evaluate((one) => getComputedStyle(one).direction), own);
      assert.equal(await row(page, title).locator('.text').evaluate((one) => getComputedStyle(one).direction), own);
      assert.deepEqual(await tooWide(page), []);
      const [lists, main, sheet] = await Promise.all(['.sidebar', 'main', '.sheet'].map(async (one) => (await page.locator(one).boundingBox()).x));
      assert.ok(dir === 'ltr' ? lists < main && main < sheet : lists > main && main > sheet, `${dir}: ${lists} ${main} ${sheet}`);
      await page.keyboard.press('Escape');
    }
  }
  await page.context().close();
});

test('nothing sticks out of a screen that is 320 pixels wide', async () => {
  const { user, page } = await start({ viewport: { width: 320, height: 568 } });
  const long = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(3);
  await user.add(long, { due_date: `${day(2)}T17:00:00Z`, time_zone: 'America/Argentina/Buenos_Aires', tags: [long.slice(0, 50), 'home'], recurrence: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', priority: 'high', description: long, reminder_offset: '1 hour' });
  const gone = await user.add(long);
  await user.api('DELETE', `/api/tasks/${gone.id}`);
  const look = async (what) => assert.deepEqual(await tooWide(page), [], what);
  for (const path of ['/today', '/upcoming', '/all', `/tag/${encodeURIComponent(long.slice(0, 50))}`, '/search?q=Donau', '/notifications', '/settings', '/trash']) {
    await visit(page, path);
    await page.locator('.row, .card, .section, .empty-title').first().waitFor();
    await look(path);
  }
  await visit(page, '/upcoming');
  await page.locator('#add').fill(`${long} tomorrow 5pm #family p1`);
  await page.locator('.chip').nth(2).waitFor();
  await look('quick add');
  await row(page, 'Donau').getByRole('link').click();
  await page.getByRole('list', { name: 'Next occurrences' }).locator('li').nth(4).waitFor();
  await look('a sheet');
  await page.getByRole('complementary', { name: 'Task' }).getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Menu' }).click();
  await look('the menu');
  await page.getByRole('navigation', { name: 'Lists' }).getByRole('button', { name: 'Assistant' }).click();
  const panel = page.getByRole('complementary', { name: 'Assistant' });
  await tell(panel, `Add ${long}`);
  await look('the assistant');
  await page.context().close();
});

test('everything can be done by the keyboard alone, and the focus is never lost', async () => {
  const user = await register();
  const page = await open();
  const { keyboard } = page;
  const focus = () => page.evaluate(() => {
    const { activeElement: one } = document;
    return one === document.body ? 'nothing' : one.getAttribute('aria-label') ?? one.id ?? one.tagName;
  });
  const tabTo = async (name, key = 'Tab') => {
    for (let i = 0; i < 60; i++) {
      await keyboard.press(key);
      if ((await page.evaluate(() => `${document.activeElement.getAttribute('aria-label') ?? ''} ${document.activeElement.labels?.[0]?.textContent ?? ''} ${document.activeElement.textContent}`)).includes(name)) return;
    }
    assert.fail(`${name} is not reached by ${key}`);
  };
  await page.goto(url);
  await tabTo('E-mail address');
  await keyboard.type(user.email);
  await tabTo('Password');
  await keyboard.type(password);
  await keyboard.press('Enter');
  await page.locator('#add').waitFor();
  await tabTo('Add a task');
  await keyboard.type('Typed today #home');
  await page.locator('.chip').nth(1).waitFor();
  await keyboard.press('Enter');
  await row(page, 'Typed').waitFor();
  await tabTo('Complete Typed');
  await tabTo('Typed');
  await keyboard.press('Enter');
  await page.getByRole('complementary', { name: 'Task' }).waitFor();
  await tabTo('High');
  await keyboard.press('Space');
  await tabTo('Remove the tag home');
  await keyboard.press('Enter');
  await page.locator('.sheet .chip').waitFor({ state: 'detached' });
  assert.notEqual(await focus(), 'nothing');
  await keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.closest('.row'));
  await tabTo('Complete Typed', 'Shift+Tab');
  await keyboard.press('Space');
  await row(page, 'Typed').waitFor({ state: 'detached' });
  assert.notEqual(await focus(), 'nothing');
  await tabTo('Undo');
  await keyboard.press('Enter');
  await row(page, 'Typed').waitFor();
  assert.notEqual(await focus(), 'nothing');
  await tabTo('Settings', 'Shift+Tab');
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await inStep(page);
  assert.deepEqual((await user.api('GET', '/api/tasks')).map(({ title, priority, tags }) => [title, priority, tags]), [['Typed', 'high', []]]);
  await page.context().close();
});
