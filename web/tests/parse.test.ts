import { expect, test, vi } from 'vitest';
import { access } from '../src/api/http';
import { parser } from '../src/quickadd/parse';

access.token = () => Promise.resolve('token');
const answer = (status: number) =>
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ status, code: 'some_code', title: '', detail: 'Why.', trace_id: '' }, { status })));

test.each([429, 500, 503])('a server that has no time (%i) keeps nobody from adding a task as it is written', async (status) => {
  answer(status);
  expect(await parser().settle('Milk tomorrow', [])).toBeNull();
});

test('what the server refuses is told', async () => {
  answer(400);
  await expect(parser().settle('x'.repeat(5000), [])).rejects.toThrow('Why.');
});
