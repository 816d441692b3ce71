import { useSignal } from '@preact/signals';
import type { Task } from '../api/types';
import { run } from '../sync/commands';
import { Icon } from '../ui/Icon';
import { tags } from './lists';

const LONGEST = 50; // characters as the API counts them: code points, so that none is cut in half

/** The tags that a text names, with commas between them. */
export const tagsIn = (text: string): string[] =>
  text.split(',').map((tag) => [...tag.trim().replace(/^#/, '').normalize()].slice(0, LONGEST).join('').trim()).filter(Boolean);

/** A task's tags. */
export function TagsField({ task }: { task: Task }) {
  const text = useSignal('');
  const add = (event: Event) => {
    event.preventDefault();
    const named = tagsIn(text.value).filter((tag) => !task.tags.includes(tag));
    if (named.length > 0) run('add_tags', task.id, { tags: named });
    text.value = '';
  };
  return (
    <div class="prop" role="group" aria-label="Tags">
      <h3><Icon name="tag" /> Tags</h3>
      <ul class="chips">
        {task.tags.map((tag) => (
          <li key={tag} class="chip tag">
            <a href={`/tag/${encodeURIComponent(tag)}`} dir="auto">#{tag}</a>
            <button class="quiet square" aria-label={`Remove the tag ${tag}`} onClick={() => run('remove_tags', task.id, { tags: [tag] })}><Icon name="close" /></button>
          </li>
        ))}
      </ul>
      <form onSubmit={add}>
        <input aria-label="Add a tag" placeholder="Add a tag" dir="auto" list="all-tags" value={text} onInput={(event) => (text.value = event.currentTarget.value)} onBlur={add} />
        <datalist id="all-tags">{tags.value.slice(0, 100).map(([tag]) => <option key={tag} value={tag} />)}</datalist>
      </form>
    </div>
  );
}
