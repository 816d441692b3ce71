// What axe finds on a page as it is shown, in both themes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const COLOURS = ['color-contrast', 'link-in-text-block']; // the rules that the theme can matter to while the markup is the same

/** Fails where axe finds anything: all rules in the light theme, and in the dark one those about colours, or all where something arrived meanwhile. */
export async function accessible(page, name) {
  await page.emulateMedia({ colorScheme: 'light' });
  const all = { type: 'tag', values: TAGS };
  const markup = () => page.evaluate(() => document.body.innerHTML);
  const light = await markup();
  const found = [await violations(page, all)];
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  found.push(await violations(page, await markup() === light ? { type: 'rule', values: COLOURS } : all));
  await page.emulateMedia({ colorScheme: 'light' });
  assert.deepEqual(found.flat(), [], name);
}

async function violations(page, runOnly) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(source);
  return await page.evaluate(async (only) => {
    const { violations: all } = await axe.run(document, { runOnly: only, resultTypes: ['violations'], iframes: false, preload: false });
    return all.map(({ id, nodes }) => `${document.documentElement.dataset.theme}: ${id} ${nodes.map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ''}`).join(' | ')}`);
  }, runOnly);
}
