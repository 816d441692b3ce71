// How heavy and how fast the page is: what the first load brings, a long list, a warm start. Prints what docs/performance.md says.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { inStep, launch, open, start as signUp, url } from './support.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const TASKS = 10_000;

test('the first load brings at most 100 kB of JavaScript', () => {
  const dist = new URL('../dist/', import.meta.url);
  const html = readFileSync(new URL('index.html', dist), 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path);
  assert.ok(scripts.length > 0);
  const bytes = scripts.reduce((sum, path) => sum + statSync(new URL(`${path}.gz`, dist)).size, 0);
  console.log(`first load: ${scripts.length} scripts, ${(bytes / 1000).toFixed(1)} kB as gzip`);
  assert.ok(bytes <= 100_000, `${bytes} bytes`);
});

test('a list of 10,000 tasks scrolls and filters without a long task over 50 ms, and a warm start paints within 300 ms', async () => {
  const { user, page } = await signUp(browser, { path: '/all' });
  const rows = Array.from({ length: TASKS }, (_, i) => `task,Task ${i} ${['milk', 'letters', 'garden'][i % 3]}`);
  await user.api('POST', '/api/import', ['TYPE,CONTENT', ...rows].join('\n'), 'text/csv'); // as Todoist writes it
  await page.reload();
  await page.getByText('10,000 tasks').waitFor({ timeout: 60_000 });
  await inStep(page);
  await page.waitForTimeout(3000); // what came is written

  // A task's own work, by the clock of its thread: what other programs of the machine take from it is not the page's.
  const trace = await watch(page);
  await page.mouse.move(640, 500);
  for (let i = 0; i < 40; i++) {
    await page.mouse.wheel(0, 1500);
    await page.waitForTimeout(16);
  }
  await page.getByLabel('Filter').pressSequentially('garden', { delay: 60 });
  await page.getByText('3,333 tasks').waitFor();
  const { work, wall } = await trace();
  console.log(`longest task, scrolling and filtering: ${work.toFixed(1)} ms of work, ${wall.toFixed(1)} ms by the clock on the wall`);

  const warm = await open(browser, { context: page.context() });
  await warm.goto(`${url}/today`);
  await warm.locator('.sidebar').waitFor();
  const start = await watch(warm);
  await warm.reload();
  await warm.locator('.sidebar').waitFor();
  await warm.waitForTimeout(200);
  const paint = Math.round(await warm.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime));
  const { beforePaint } = await start();
  console.log(`first paint, warm: ${beforePaint.toFixed(1)} ms of work, ${paint} ms by the clock on the wall`);
  assert.ok(work <= 50, `a task of ${work} ms`);
  assert.ok(beforePaint < 300, `${beforePaint} ms of work before the first paint`);
});

// Watches the tasks of a page's main thread; what is returned ends that, and says, in milliseconds, how long the longest one took,
// and what was done before the first paint.
async function watch(page) {
  const cdp = await page.context().newCDPSession(page);
  const events = [];
  cdp.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await cdp.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline', 'loading', 'blink.user_timing', '__metadata'], excludedCategories: ['*'] } });
  return async () => {
    const complete = new Promise((done) => cdp.once('Tracing.tracingComplete', done));
    await cdp.send('Tracing.end');
    await complete;
    const main = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`);
    const tasks = events.filter(({ name, ph, pid, tid }) => ph === 'X' && /RunTask/.test(name) && main.includes(`${pid} ${tid}`));
    assert.ok(tasks.length > 100, `${tasks.length} tasks were seen`);
    const longest = (field) => Math.max(...tasks.map((task) => task[field] ?? 0)) / 1000;
    const painted = events.findLast(({ name }) => name === 'firstContentfulPaint')?.ts ?? 0;
    const beforePaint = tasks.filter(({ name, ts }) => name === 'RunTask' && ts < painted).reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1000;
    return { work: longest('tdur'), wall: longest('dur'), beforePaint };
  };
}
