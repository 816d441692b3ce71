// How heavy the page is, and how much work it has with a long list, by the clock of its thread: what other programs of the machine take from it is
// not the page's. ./todoflow bench page measures the same by the clock on the wall.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filled, filter, firstLoad, scroll, titles, warmPaint } from './long-list.mjs';
import { control, open, start, url, visit } from './support.mjs';

test('the first load brings at most 100 kB of JavaScript', () => {
  const { scripts, bytes } = firstLoad();
  assert.ok(scripts > 0);
  assert.ok(bytes <= 100_000, `${bytes} bytes`);
});

test('a list of 10,000 tasks scrolls and filters without more than 50 ms of work at a time, and a warm start paints after less than 300 ms of it', async () => {
  const { user, page } = await start({ path: '/all', serviceWorkers: 'allow' });
  await control('tasks', { email: user.email, titles });
  await page.reload();
  await filled(page);
  const listed = await watch(page);
  await scroll(page);
  await filter(page);
  const { longest } = await listed();

  const warm = await open({ context: page.context() });
  await warm.goto(`${url}/today`);
  await warm.locator('.sidebar').waitFor();
  await visit(page, '/today'); // it has nothing more to do
  const started = await watch(warm);
  await warmPaint(warm);
  const { beforePaint } = await started();
  assert.ok(longest <= 50, `a task of ${longest} ms`);
  assert.ok(beforePaint < 300, `${beforePaint} ms of work before the first paint`);
  await page.context().close();
});

// Watches the tasks of a page's main thread; what is returned ends that, and says, in milliseconds, how long the longest one had the processor,
// and what was done before the first paint.
async function watch(page) {
  const cdp = await page.context().newCDPSession(page);
  const events = [];
  cdp.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await cdp.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', 'loading', '__metadata'], excludedCategories: ['*'] } });
  return async () => {
    const complete = new Promise((done) => cdp.once('Tracing.tracingComplete', done));
    await cdp.send('Tracing.end');
    await complete;
    const main = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`);
    const tasks = events.filter(({ name, ph, pid, tid }) => ph === 'X' && /RunTask/.test(name) && main.includes(`${pid} ${tid}`));
    assert.ok(tasks.length > 100, `${tasks.length} tasks were seen`);
    const painted = events.findLast(({ name }) => name === 'firstContentfulPaint')?.ts ?? 0;
    return {
      longest: Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000,
      beforePaint: tasks.filter(({ ts }) => ts < painted).reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1000,
    };
  };
}
