import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call } from '../api/http';
import type { ResultOf } from '../api/types';
import { sayAgo } from '../ui/format';
import { Section, useAttempt } from './Section';

type Session = ResultOf<'/api/sessions', 'get'>[number];

/** Where the user is signed in. */
export function Sessions() {
  const { error, attempt } = useAttempt();
  const rows = useSignal<Session[]>([]);
  const look = async () => void (rows.value = await call('get', '/api/sessions'));
  useEffect(() => void attempt(look), []);
  const end = (id: string) => void attempt(async () => {
    await call('delete', '/api/sessions/{id}', undefined, { path: { id } });
    await look();
  });
  return (
    <Section title="Signed in" error={error}>
      <ul class="plain-list">
        {rows.value.map((session) => (
          <li key={session.id} class="line">
            <div class="grow"><strong>{sayBrowser(session.user_agent)}{session.current && ' (this one)'}</strong><small>{session.address} · last seen {sayAgo(session.refreshed_at)}</small></div>
            {!session.current && <button onClick={() => end(session.id)}>Sign out</button>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function sayBrowser(agent: string | null): string {
  const browser = /(Firefox|Edg|Chrome|Safari)\//.exec(agent ?? '')?.[1]?.replace('Edg', 'Edge') ?? agent?.split('/')[0] ?? 'Unknown program';
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(agent ?? '')?.[1];
  return system ? `${browser} on ${system}` : browser;
}
