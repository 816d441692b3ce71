// Why the page is fast, by what can be counted: the size of the first load, the rows that are made of a long list, and what a warm start waits for.
// How fast it is, by the clock on the wall, is measured by ./todoflow bench page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filled, filter, firstLoad, scroll, titles, TASKS } from './long-list.mjs';
import { control, inStep, start } from './support.mjs';

const ROWS = 60; // those of a screen that is 800 pixels high, with those above and below it that are made ready

test('the first load brings at most 100 kB of JavaScript', () => {
  const { scripts, bytes } = firstLoad();
  assert.ok(scripts > 0);
  assert.ok(bytes <= 100_000, `${bytes} bytes`);
});

test('of a list of 10,000 tasks only those rows are in the page that can be seen, and each is made once', async () => {
  const { user, page } = await start({ path: '/all' });
  await control('tasks', { email: user.email, titles });
  await page.reload();
  await filled(page);
  await page.evaluate(() => {
    const list = document.querySelector('.list');
    window.rows = { most: list.children.length, made: 0 };
    new MutationObserver((changes) => {
      rows.most = Math.max(rows.most, list.children.length);
      for (const { addedNodes } of changes) rows.made += addedNodes.length;
    }).observe(list, { childList: true });
  });
  await scroll(page);
  const atTheMiddle = () => {
    const { left, width } = document.querySelector('.list').getBoundingClientRect();
    return document.elementFromPoint(left + width / 2, innerHeight / 2).closest('.row');
  };
  await page.waitForFunction(`document.querySelector('main').scrollTop > 50000 && (${atTheMiddle})()?.ariaPosInSet > 1000`);
  const scrolled = await page.evaluate(() => ({ ...rows, last: Math.max(...[...document.querySelectorAll('.list > li')].map((one) => one.ariaPosInSet)) }));
  assert.ok(scrolled.most <= ROWS && scrolled.made <= scrolled.last, JSON.stringify(scrolled));

  await page.evaluate(() => (rows.made = 0));
  const letters = await filter(page);
  const filtered = await page.evaluate(() => ({ ...rows, titles: [...document.querySelectorAll('.row .text')].map((one) => one.textContent) }));
  assert.ok(filtered.most <= ROWS && filtered.made <= letters * ROWS, JSON.stringify(filtered));
  assert.ok(filtered.titles.length > 10 && filtered.titles.every((title) => title.endsWith('garden')), JSON.stringify(filtered));
  await page.locator('main').evaluate((pane) => (pane.scrollTop = pane.scrollHeight));
  await page.locator(`.row[aria-posinset="${Math.floor(TASKS / 3) + 1}"]`).waitFor(); // the last one, after the heading
  await page.context().close();
});

test('a warm start shows the page before it has read the copy of this device, and asks the server for nothing but the API', async () => {
  const { user, page } = await start({ serviceWorkers: 'allow' });
  await user.add('Kept on this device', { due_date: '2020-01-01' });
  await page.getByText('Kept on this device').waitFor();
  await inStep(page);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await page.addInitScript(() => {
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function (...of) {
      const request = open.apply(this, of);
      const hold = (event) => {
        event.stopImmediatePropagation();
        window.answer = () => (request.removeEventListener('success', hold), request.dispatchEvent(new Event('success')));
      };
      request.addEventListener('success', hold);
      return request;
    };
  });
  const asked = [];
  page.context().on('response', (response) => response.fromServiceWorker() || asked.push(new URL(response.url()).pathname));
  await page.reload();
  await page.getByRole('heading', { name: 'Today' }).waitFor();
  await page.getByRole('navigation', { name: 'Lists' }).waitFor();
  await page.waitForFunction(() => window.answer && performance.getEntriesByName('first-contentful-paint').length > 0);
  assert.equal(await page.getByText('Kept on this device').count(), 0);
  await page.evaluate(() => answer());
  await page.getByText('Kept on this device').waitFor();
  await inStep(page);
  assert.ok(asked.includes('/api/sync'));
  assert.deepEqual(asked.filter((path) => !/^\/(api\/|hubs\/|sw\.js$)/.test(path)), []); // whether there is a newer page is asked, too
  await page.context().close();
});
