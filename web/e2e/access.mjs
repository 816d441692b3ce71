// What axe says of every screen, in both themes, on a desk and on a phone: one page that goes from screen to screen.
import { test } from 'node:test';
import { accessible } from './axe.mjs';
import { assistant, day, open, register, row, signIn, url, visit } from './support.mjs';

const SCREENS = ['/today', '/upcoming', '/all', '/tag/home', '/search?q=rent', '/notifications', '/settings', '/trash'];

test('axe finds nothing on any screen, in both themes, on a desk and on a phone', async () => {
  const user = await register();
  await user.add('Water the plants', { due_date: day(0), tags: ['home'], priority: 'high', description: 'All of them' });
  await user.add('Pay the rent', { due_date: day(-2), recurrence: 'monthly' });
  await user.add('اتصل بأمي', { due_date: day(2), priority: 'low' });
  const gone = await user.add('Gone');
  await user.api('DELETE', `/api/tasks/${gone.id}`);
  const page = await open();
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await accessible(page, 'sign in');
  await signIn(page, user.email);

  const show = async (path) => {
    await visit(page, path);
    await page.locator('.row, .card, .section, .empty-title').first().waitFor();
    await accessible(page, `${path}, ${page.viewportSize().width} pixels wide`);
  };
  const beside = async () => {
    await visit(page, '/today');
    await row(page, 'Water the plants').getByRole('link').click();
    await page.getByRole('complementary', { name: 'Task' }).waitFor();
    await accessible(page, 'a sheet');
    await page.keyboard.press('Escape');
    await assistant(page);
    await accessible(page, 'the assistant');
    await page.keyboard.press('Escape');
  };

  for (const path of SCREENS) await show(path);
  await beside();
  await page.locator('main').focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await accessible(page, 'help');
  await page.keyboard.press('Escape');

  await page.setViewportSize({ width: 390, height: 800 });
  for (const path of ['/today', '/all']) await show(path);
  await page.getByRole('button', { name: 'Menu' }).click();
  await accessible(page, 'the menu');
  await page.getByRole('button', { name: 'Menu' }).click();
  await beside();

  await page.locator('main').focus();
  await page.keyboard.press('q');
  await page.locator('#add:focus').waitFor();
  await user.api('DELETE', '/api/sessions');
  await page.getByRole('alert').getByText('Your session has ended').waitFor();
  await accessible(page, 'a session that ends while somebody types');
  await page.keyboard.press('Tab');
  await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
  await accessible(page, 'a session that has ended');
  await page.context().close();
});
