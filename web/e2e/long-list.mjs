// A list of 10,000 tasks, and what somebody does with it: for the test (speed.mjs) and the measurement (measure.mjs).
import { readFileSync, statSync } from 'node:fs';

export const TASKS = 10_000;

/** Titles of which a third have the word that is looked for. */
export const titles = Array.from({ length: TASKS }, (_, i) => `Task ${i} ${['milk', 'letters', 'garden'][i % 3]}`);

/** Waits until the copy of this device has all of them, and they are shown. */
export async function filled(page) {
  await page.getByText('10,000 tasks').waitFor({ timeout: 60_000 });
  await page.waitForFunction(async (wanted) => {
    const { name } = (await indexedDB.databases()).find((one) => one.name.startsWith('todoflow-'));
    const db = await new Promise((done) => (indexedDB.open(name).onsuccess = ({ target }) => done(target.result)));
    const count = await new Promise((done) => (db.transaction('tasks').objectStore('tasks').count().onsuccess = ({ target }) => done(target.result)));
    db.close();
    return count === wanted;
  }, TASKS, { timeout: 60_000, polling: 250 });
}

/** Scrolls by forty turns of the wheel, a frame each, and comes back. */
export async function scroll(page) {
  await page.mouse.move(640, 500);
  for (let i = 0; i < 40; i++) {
    await page.mouse.wheel(0, 1500);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

/** Filters the list, letter by letter, and returns how many there were. */
export async function filter(page) {
  const word = 'garden';
  await page.getByLabel('Filter').pressSequentially(word, { delay: 60 });
  await page.getByText('3,333 tasks').waitFor();
  return word.length;
}

/** Loads the page again, from its cache, and returns how many milliseconds the first paint took. */
export async function warmPaint(page) {
  await page.reload();
  await page.locator('.sidebar').waitFor();
  return await page.evaluate(() => new Promise((painted) => {
    new PerformanceObserver((list) => list.getEntriesByName('first-contentful-paint').forEach(({ startTime }) => painted(startTime))).observe({ type: 'paint', buffered: true });
  }));
}

/** The JavaScript of the first load: how many scripts, and how many bytes as gzip. */
export function firstLoad() {
  const dist = new URL('../dist/', import.meta.url);
  const html = readFileSync(new URL('index.html', dist), 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path);
  return { scripts: scripts.length, bytes: scripts.reduce((sum, path) => sum + statSync(new URL(`${path}.gz`, dist)).size, 0) };
}
