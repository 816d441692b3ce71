// The assistant beside the tasks: by its rules, and by a model that says what the test has written down (tests/Web/PageModel.cs).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './axe.mjs';
import { assistant, control, inStep, password, row, start, tell } from './support.mjs';

const approval = (panel) => panel.getByRole('region', { name: 'Approval' }).last();

test('the assistant adds three tasks by its rules, asks before it deletes them, and each can be undone', async () => {
  const { page } = await start({ path: '/all' });
  const panel = await assistant(page);
  for (const title of ['buy milk', 'call mom', 'water the plants']) await tell(panel, `Add ${title}`);
  for (const title of [/buy milk/i, /call mom/i, /water the plants/i]) await row(page, title).waitFor();
  await panel.getByRole('button', { name: /^Undo: Added .*call mom/i }).click();
  await row(page, /call mom/i).waitFor({ state: 'detached' });
  await tell(panel, 'Delete buy milk');
  await approval(panel).getByRole('button', { name: 'Approve' }).click();
  await row(page, /buy milk/i).waitFor({ state: 'detached' });
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a model adds three tasks while it is heard; what it asks for is approved, or refused', async () => {
  await control('start', { 'Chat:Endpoint': process.env.TODOFLOW_MODEL, 'Chat:Model': 'scripted-1', 'Chat:ApiKey': 'the key of the scripted model' });
  const { user, page } = await start({ path: '/all' });
  const panel = await assistant(page);
  await control('model', [
    { calls: [['add_tasks', { tasks: ['Buy milk', 'Call mom', 'Water the plants'].map((title) => ({ title })) }]] },
    { says: ['Three tasks ', 'are there.'], held: true },
  ]);
  await panel.getByRole('textbox').fill('Milk, mom and the plants, please');
  await panel.getByRole('textbox').press('Enter');
  await panel.locator('.bubble.assistant').getByText('Three tasks', { exact: true }).waitFor();
  assert.equal(await panel.locator('.pulse').count(), 1, 'the turn goes on');
  await control('model/go');
  await panel.locator('.bubble.assistant').getByText('Three tasks are there.').waitFor();
  await panel.locator('.pulse').waitFor({ state: 'detached' });
  assert.deepEqual(await panel.locator('.did strong').allTextContents(), ['Buy milk', 'Call mom', 'Water the plants']);
  for (const title of ['Buy milk', 'Call mom', 'Water the plants']) await row(page, title).waitFor();
  await panel.getByRole('button', { name: 'Undo: Added Water the plants' }).click();
  await row(page, 'Water the plants').waitFor({ state: 'detached' });
  await inStep(page);

  const ids = Object.fromEntries((await user.api('GET', '/api/tasks')).map(({ id, title }) => [title, id]));
  const ask = async (title, says) => {
    await control('model', [{ calls: [['delete_tasks', { ids: [ids[title]] }]] }, { says: [says] }]);
    await tell(panel, `Delete “${title}”`);
    await approval(panel).getByText(title, { exact: true }).waitFor();
  };
  await ask('Buy milk', 'It is in the trash.');
  await row(page, 'Buy milk').waitFor(); // nothing is done before it is approved
  await accessible(page, 'an approval');
  await approval(panel).getByRole('button', { name: 'Approve' }).click();
  await panel.getByText('It is in the trash.').waitFor();
  await row(page, 'Buy milk').waitFor({ state: 'detached' });
  await approval(panel).getByText('You approved it.').waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'message'); // the buttons are gone

  await ask('Call mom', 'She stays.');
  await approval(panel).getByRole('button', { name: 'Do not' }).click();
  await panel.getByText('She stays.').waitFor();
  await approval(panel).getByText('You refused it.').waitFor();
  assert.equal((await user.api('GET', `/api/tasks/${ids['Call mom']}`)).title, 'Call mom');
  assert.equal(await row(page, 'Call mom').count(), 1);

  const chores = Array.from({ length: 6 }, (_, i) => ({ title: `Chore ${i}`, description: `At <b>home</b> ${i}`, due_date: '2099-01-01' }));
  await control('model', [{ calls: [['add_tasks', { tasks: chores }]] }, { says: ['The chores are left.'] }]);
  await tell(panel, 'Six chores');
  for (const [i, said] of ['Title: Chore 0', 'Notes: At <b>home</b> 0', 'Due: 2099-01-01'].entries()) { // what would be set, as it would be
    assert.equal(await approval(panel).getByRole('list', { name: 'What would be set' }).getByRole('listitem').nth(i).textContent(), said);
  }
  await approval(panel).getByRole('button', { name: 'Do not' }).click();
  await panel.getByText('The chores are left.').waitFor();

  await panel.getByRole('button', { name: 'Conversations before' }).click();
  await panel.getByRole('button', { name: /^Milk, mom/ }).click();
  await panel.getByText('You approved it.').waitFor();
  await panel.getByText('You refused it.').first().waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a response that is cut off says so, and what was typed stays', async () => {
  const { page } = await start();
  const panel = await assistant(page);
  const kept = async (text, alert) => {
    await panel.getByRole('alert').getByText(alert).waitFor();
    assert.equal(await panel.getByRole('textbox').inputValue(), text);
    assert.equal(await panel.locator('.bubble').count(), 0);
  };
  await control('model', [{ breaksAfter: 'I will' }]); // between the server and the model
  await panel.getByRole('textbox').fill('Plan my week');
  await panel.getByRole('textbox').press('Enter');
  await kept('Plan my week', /assistant|model/i);

  await control('model', []);
  await page.route('**/api/chat', (route) => route.continue({ url: `${process.env.TODOFLOW_CONTROL}/broken-stream` }), { times: 1 }); // between the page and the server
  await panel.getByRole('textbox').press('Enter');
  await panel.locator('.bubble.assistant').getByText('I will').waitFor();
  await control('model/go');
  await kept('Plan my week', 'The connection broke off.');

  await page.route('**/api/chat', (route) => route.fulfill({ contentType: 'text/event-stream', body: 'event: delta\ndata: {"text":"I will"}\n\n' }), { times: 1 }); // by a proxy that ends it well
  await panel.getByRole('textbox').press('Enter');
  await kept('Plan my week', 'The connection broke off.');

  await page.route('**/api/chat', (route) => route.abort(), { times: 1 });
  await panel.getByRole('textbox').press('Enter');
  await kept('Plan my week', 'cannot be reached');

  await page.reload(); // what was typed outlives the page
  await assistant(page);
  await control('model', [{ says: ['Here it is.'] }]);
  assert.equal(await panel.getByRole('textbox').inputValue(), 'Plan my week');
  await panel.getByRole('textbox').press('Enter');
  await panel.getByText('Here it is.').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a session that ends while somebody talks to the assistant keeps what they wrote', async () => {
  const { user, page } = await start();
  const panel = await assistant(page);
  await control('model', [{ says: ['Good morning.'] }]);
  await tell(panel, 'Good morning');
  await user.api('DELETE', '/api/sessions');
  await panel.getByRole('textbox').fill('What is due today?');
  await panel.getByRole('textbox').press('Enter');
  await page.getByRole('alert').getByText('Your session has ended').waitFor();
  await page.waitForFunction(() => document.querySelector('#message').value === 'What is due today?'); // it was not sent, and came back
  await page.keyboard.press('Tab'); // leaves the field
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await dialog.getByLabel('Password').fill(password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await panel.getByText('Good morning.').waitFor(); // the conversation, too
  assert.equal(await panel.getByRole('textbox').inputValue(), 'What is due today?');
  await control('model', [{ says: ['Nothing.'] }]);
  await panel.getByRole('textbox').press('Enter');
  await panel.getByText('Nothing.').waitFor();
  await page.context().close();
});
