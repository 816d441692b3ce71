import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call } from '../api/http';
import type { ResultOf } from '../api/types';
import { sayAgo, sayTime } from '../ui/format';
import { Section, useAttempt } from './Section';

type Token = ResultOf<'/api/tokens', 'get'>[number];

const SCOPES = { 'tasks:read': 'Read tasks', 'tasks:write': 'Add and change tasks', 'tasks:delete': 'Delete tasks', notifications: 'Notifications', account: 'The account' };

/** Tokens for scripts, calendars and assistants. */
export function Tokens() {
  const { error, busy, attempt } = useAttempt();
  const rows = useSignal<Token[]>([]);
  const name = useSignal('');
  const scopes = useSignal<string[]>(['tasks:read']);
  const made = useSignal('');
  const look = async () => void (rows.value = await call('get', '/api/tokens'));
  useEffect(() => void attempt(look), []);

  const add = (event: Event) => {
    event.preventDefault();
    void attempt(async () => {
      made.value = (await call('post', '/api/tokens', { name: name.value, scopes: scopes.value })).token ?? '';
      name.value = '';
      await look();
    });
  };
  const revoke = (id: string) => void attempt(async () => {
    await call('delete', '/api/tokens/{id}', undefined, { path: { id } });
    await look();
  });

  return (
    <Section title="Access tokens" note="For scripts and assistants, which are not to know your password." error={error}>
      <ul class="plain-list">
        {rows.value.map((token) => (
          <li key={token.id} class="line">
            <div class="grow"><strong dir="auto">{token.name}</strong><small>{token.scopes.join(', ')} · until {sayTime(token.expires_at)} · {token.last_used_at ? `used ${sayAgo(token.last_used_at)}` : 'not used yet'}</small></div>
            <button aria-label={`Revoke ${token.name}`} onClick={() => revoke(token.id)}>Revoke</button>
          </li>
        ))}
      </ul>
      {made.value && <label class="field">Copy it now; it is not shown again<input readOnly value={made} onFocus={(event) => event.currentTarget.select()} /></label>}
      <form class="stack" onSubmit={add}>
        <label class="field">Name<input required maxLength={100} value={name} onInput={(event) => (name.value = event.currentTarget.value)} /></label>
        <fieldset>
          <legend>It may</legend>
          {Object.entries(SCOPES).map(([scope, label]) => (
            <label key={scope} class="check">
              <input
                type="checkbox" checked={scopes.value.includes(scope)}
                onChange={(event) => (scopes.value = event.currentTarget.checked ? [...scopes.value, scope] : scopes.value.filter((one) => one !== scope))}
              /> {label}
            </label>
          ))}
        </fieldset>
        <button type="submit" disabled={busy.value || scopes.value.length === 0}>Make a token</button>
      </form>
    </Section>
  );
}
