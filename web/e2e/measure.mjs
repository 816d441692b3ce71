// Measures a list of 10,000 tasks by the clock on the wall, with what browsers give pages for that: PerformanceObserver's long tasks (50 ms and
// more) and first paint, and how long a key took until it was seen. `./todoflow bench page` runs it on a quiet machine:
// TODOFLOW_URL=… node e2e/measure.mjs ROUNDS. Writes one line of JSON.
import { filled, filter, firstLoad, scroll, titles, TASKS, warmPaint } from './long-list.mjs';
import { endBrowser, inStep, open, start, url } from './support.mjs';

const rounds = Number(process.argv[2] ?? 5);
const { user, page } = await start({ path: '/all', serviceWorkers: 'allow' });
await user.api('POST', '/api/import', ['TYPE,CONTENT', ...titles.map((title) => `task,${title}`)].join('\n'), 'text/csv'); // as Todoist writes it
await page.reload();
await filled(page);
await inStep(page);

const scrolling = [];
const filtering = [];
for (let round = 0; round <= rounds; round++) { // the first one warms up
  const one = [await observed(page, scroll), await observed(page, filter)];
  if (round > 0) [scrolling, filtering].forEach((all, i) => all.push(one[i]));
  await page.getByLabel('Filter').fill('');
  await page.getByText('10,000 tasks').waitFor();
  await page.locator('main').evaluate((pane) => (pane.scrollTop = 0));
}
await page.close();

const warm = await open({ context: page.context() });
await warm.goto(`${url}/today`);
await warm.evaluate(() => navigator.serviceWorker.ready.then(() => true));
const paints = [];
for (let i = 0; i <= 2 * rounds; i++) {
  await inStep(warm); // a start that is still under way would be unloaded first
  const paint = await warmPaint(warm);
  if (i > 0) paints.push(paint);
}
await endBrowser();
console.log(JSON.stringify({ tasks: TASKS, rounds, scrolling, filtering, paints, first_load: firstLoad() }));

// What was seen while something was done: the tasks of 50 ms or more, and the longest time from a key or a turn of the wheel to the next paint.
async function observed(page, act) {
  await page.evaluate(() => {
    window.seen = { long_tasks: [], slowest_event: 0 };
    window.observers = [
      new PerformanceObserver((list) => seen.long_tasks.push(...list.getEntries().map(({ duration }) => duration))),
      new PerformanceObserver((list) => (seen.slowest_event = Math.max(seen.slowest_event, ...list.getEntries().map(({ duration }) => duration)))),
    ];
    observers[0].observe({ type: 'longtask' });
    observers[1].observe({ type: 'event', durationThreshold: 16 });
  });
  await act(page);
  return await page.evaluate(async () => {
    await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted, 100))); // entries come after the frame
    observers.forEach((one) => one.disconnect());
    return seen;
  });
}
