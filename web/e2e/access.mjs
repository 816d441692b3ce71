// What axe says of every screen, in both themes, on a desk and on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import AxeBuilder from '@axe-core/playwright';
import { launch, open, register, row, signIn, url, visit } from './support.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

test('axe finds nothing on any screen, in both themes, on a desk and on a phone', async () => {
  const user = await register();
  await user.add('Water the plants', { due_date: day(0), tags: ['home'], priority: 'high', description: 'All of them' });
  await user.add('Pay the rent', { due_date: day(-2), recurrence: 'monthly' });
  await user.add('اتصل بأمي', { due_date: day(2), priority: 'low' });
  const gone = await user.add('Gone');
  await user.api('DELETE', `/api/tasks/${gone.id}`);
  const found = [];
  for (const [colorScheme, width] of [['light', 1280], ['dark', 1280], ['light', 390]]) {
    const page = await open(browser, { colorScheme, viewport: { width, height: 800 } });
    const look = async (name) => {
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .setLegacyMode().analyze(); // no frames are here
      found.push(...violations.map(({ id, nodes }) => `${colorScheme} ${width} ${name}: ${id} ${nodes.map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ''}`).join(' | ')}`));
    };
    await page.goto(url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await look('sign in');
    await signIn(page, user.email);
    for (const path of width === 390 ? ['/today', '/all'] : ['/today', '/upcoming', '/all', '/tag/home', '/search?q=rent', '/notifications', '/settings', '/trash']) {
      await visit(page, path);
      await page.locator('.row, .card, .section, .empty-title').first().waitFor();
      await look(path);
    }
    if (width === 390) {
      await page.getByRole('button', { name: 'Menu' }).click();
      await look('the menu');
      await page.getByRole('button', { name: 'Menu' }).click();
    }
    await visit(page, '/today');
    await row(page, 'Water the plants').getByRole('link').click();
    await page.getByRole('complementary', { name: 'Task' }).waitFor();
    await look('a sheet');
    await page.keyboard.press('Escape');
    await page.keyboard.press('a');
    await page.getByRole('complementary', { name: 'Assistant' }).getByRole('textbox').waitFor();
    await look('the assistant');
    await page.keyboard.press('Escape');
    await page.locator('main').focus();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await look('help');
    await page.context().close();
  }
  assert.deepEqual(found, []);
});
