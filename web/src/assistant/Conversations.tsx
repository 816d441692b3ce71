import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { sayError } from '../api/http';
import type { Conversation } from '../api/types';
import { Icon } from '../ui/Icon';
import { sayAgo } from '../ui/format';
import { doing, forgetConversation, list, resume } from './chat';

/** The conversations before. */
export function Conversations({ onChosen }: { onChosen: () => void }) {
  const rows = useSignal<Conversation[] | null>(null);
  const error = useSignal('');
  const attempt = (act: Promise<unknown>) => act.catch((problem: unknown) => (error.value = sayError(problem)));
  const look = async () => void (rows.value = await list());
  useEffect(() => void attempt(look()), []);
  return (
    <div class="talk">
      {error.value && <p class="error" role="alert">{error}</p>}
      {rows.value?.length === 0 && <p class="empty">There are none yet.</p>}
      <ul class="plain-list">
        {rows.value?.map(({ id, title, updated_at }) => (
          <li key={id} class="line">
            <button class="plain grow" disabled={doing.value !== null} onClick={() => void attempt(resume(id).then(onChosen))}><strong dir="auto">{title}</strong><small>{sayAgo(updated_at)}</small></button>
            <button class="quiet square" aria-label={`Delete the conversation ${title}`} onClick={() => void attempt(forgetConversation(id).then(look))}><Icon name="trash" /></button>
          </li>
        ))}
      </ul>
    </div>
  );
}
