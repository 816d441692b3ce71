// The pictures of docs/web.md and the README. It runs only where TODOFLOW_PICTURES names the folder that they are written to.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { assistant, day, open, register, row, signIn, tell } from './support.mjs';

const folder = resolve(process.env.TODOFLOW_PICTURES);

async function someTasks() {
  const user = await register();
  const add = (title, due, rest = {}) => user.add(title, { due_date: due, ...rest });
  await add('Pay the rent', day(-1), { recurrence: 'monthly', tags: ['home'] });
  await add('Water the plants', day(0), { tags: ['home'], description: 'The ferns twice.' });
  await add('Send the slides to Nadia', day(0), { tags: ['work'], priority: 'high' });
  await add('Buy tickets for Saturday', day(0), { priority: 'low' });
  await add('Call mom', `${day(0)}T17:00:00Z`, { tags: ['family'], reminder_offset: '30 minutes' });
  await add('Weekly review', `${day(1)}T09:00:00Z`, { recurrence: 'weekly', tags: ['work'] });
  await add('Dentist', `${day(3)}T14:30:00Z`, { tags: ['health'], reminder_offset: '1 hour' });
  await add('حجز تذاكر القطار', day(3), { tags: ['travel'] });
  await add('Renew the passport', day(12), { tags: ['travel'] });
  await user.add('Learn to juggle');
  return user;
}

test('the main screens, light, dark and on a phone', async () => {
  const user = await someTasks();
  const made = [];
  const take = async (page, name) => {
    await page.evaluate(() => document.fonts.ready.then(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))));
    const path = resolve(folder, `${name}.png`);
    await page.screenshot({ path });
    made.push(path);
  };
  const phone = { viewport: { width: 390, height: 760 }, deviceScaleFactor: 1.5 };

  const light = await open({ viewport: { width: 1180, height: 720 } });
  await signIn(light, user.email);
  await row(light, 'Call mom').waitFor();
  await light.locator('#add').fill('Book a table friday 8pm #family remind me 1 hour before');
  await light.locator('.chip').nth(2).waitFor();
  await row(light, 'Send the slides').getByRole('link').click();
  await take(light, 'today-light');
  await light.context().close();

  const dark = await open({ viewport: { width: 1180, height: 720 }, colorScheme: 'dark' });
  await signIn(dark, user.email, '/upcoming');
  await row(dark, 'passport').waitFor();
  await tell(await assistant(dark), 'Add buy train tickets tuesday #travel');
  await take(dark, 'upcoming-dark');
  await dark.context().close();

  const small = await open(phone);
  await signIn(small, user.email);
  await row(small, 'Buy tickets').getByRole('checkbox').click();
  await small.locator('.toast').waitFor();
  await take(small, 'phone-light');
  await small.context().close();

  const night = await open({ ...phone, colorScheme: 'dark' });
  await signIn(night, user.email, '/all');
  await row(night, 'Dentist').getByRole('link').click();
  await take(night, 'phone-dark');
  await night.context().close();

  for (const path of made) assert.ok(statSync(path).size > 5_000 && statSync(path).size < 200_000, path);
});
