import { expect, test } from 'vitest';
import { tagsIn } from '../src/tasks/TagsField';

test('a text names tags, with commas between them', () => expect(tagsIn(' #home, work ,,# ')).toEqual(['home', 'work']));

test('a tag has fifty characters at most, and no half ones', () => {
  expect(tagsIn(`${'x'.repeat(49)}🐋`)).toEqual([`${'x'.repeat(49)}🐋`]);
  expect(tagsIn(`${'🐋'.repeat(60)}`)).toEqual(['🐋'.repeat(50)]);
  expect(tagsIn('e\u0301'.repeat(50))).toEqual(['é'.repeat(50)]); // as the server composes it
});
