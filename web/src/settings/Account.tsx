import { useSignal } from '@preact/signals';
import { call } from '../api/http';
import { changePassword, forget, leave, user } from '../auth/session';
import { unsubscribe } from '../notifications/push';
import { drop } from '../sync/db';
import { queue } from '../sync/store';
import { Confirm } from '../ui/Dialog';
import { count } from '../ui/format';
import { say } from '../ui/toast';
import { Section, useAttempt } from './Section';

/** The account: its password, signing out, its end. */
export function Account() {
  const { error, busy, attempt } = useAttempt();
  const asking = useSignal<'out' | 'delete' | null>(null);
  const waiting = queue.value.length;

  const out = () => attempt(async () => {
    asking.value = null;
    await unsubscribe().catch(() => undefined);
    await leave();
    await drop(user.value!.id);
    await forget();
  });
  const end = () => attempt(async () => {
    asking.value = null;
    await call('delete', '/api/me');
    await drop(user.value!.id);
    await forget();
  });

  return (
    <Section title="Account" {...(user.value ? { note: user.value.email } : {})} error={error}>
      <Password />
      <div class="line wrap">
        <button disabled={busy.value} onClick={() => (waiting > 0 ? (asking.value = 'out') : void out())}>Sign out</button>
        <button class="danger" disabled={busy.value} onClick={() => (asking.value = 'delete')}>Delete the account</button>
      </div>
      <Confirm
        open={asking.value === 'out'} title="Sign out?" action="Sign out and lose them" onYes={() => void out()} onNo={() => (asking.value = null)}
        text={`${count(waiting, 'change')} of this device ${waiting === 1 ? 'has' : 'have'} not been sent yet, and would be lost.`}
      />
      <Confirm
        open={asking.value === 'delete'} title="Delete the account?" action="Delete everything" onYes={() => void end()} onNo={() => (asking.value = null)}
        text="Your tasks, their history, reminders and notifications are deleted at once, and for good. Export them first if you may want them."
      />
    </Section>
  );
}

function Password() {
  const { error, busy, attempt } = useAttempt();
  const before = useSignal('');
  const next = useSignal('');
  const change = async (event: Event) => {
    event.preventDefault();
    if (await attempt(() => changePassword(before.value, next.value))) {
      before.value = next.value = '';
      say('The password is changed. Other devices are signed out.');
    }
  };
  return (
    <details>
      <summary>Change the password</summary>
      <form class="stack" onSubmit={(event) => void change(event)}>
        <label class="field">The password now<input type="password" autocomplete="current-password" required value={before} onInput={(event) => (before.value = event.currentTarget.value)} /></label>
        <label class="field">The new one<input type="password" autocomplete="new-password" required minLength={10} value={next} onInput={(event) => (next.value = event.currentTarget.value)} /></label>
        {error.value && <p class="error" role="alert">{error}</p>}
        <button type="submit" disabled={busy.value}>Change it</button>
      </form>
    </details>
  );
}
