// What axe finds on a page as it is shown, in both themes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const COLOURS = ['color-contrast', 'link-in-text-block']; // the rules that the theme can matter to: the markup is the same, which is checked

/** Fails where axe finds anything: all rules in the light theme, and those about colours in the dark one. */
export async function accessible(page, name) {
  await page.emulateMedia({ colorScheme: 'light' });
  const found = [await violations(page, { type: 'tag', values: TAGS })];
  const markup = () => page.evaluate(() => document.body.innerHTML);
  const light = await markup();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  assert.equal(await markup(), light, `${name}: the markup of the dark theme`);
  found.push(await violations(page, { type: 'rule', values: COLOURS }));
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
