import { useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { sayError } from '../api/http';
import { Dialog } from '../ui/Dialog';
import { count } from '../ui/format';
import { isTyping } from '../ui/typing';
import { drop } from '../sync/db';
import { queue } from '../sync/store';
import { linkError } from './link';
import { enter, forget, phase, user } from './session';

/** The first screen: sign in, or make an account. */
export function SignIn() {
  const how = useSignal<'login' | 'register'>('login');
  return (
    <main class="welcome">
      <img src="/icon.svg" alt="" width="56" height="56" />
      <h1>{how.value === 'login' ? 'Sign in to TodoFlow' : 'Make an account'}</h1>
      {linkError.value && <p class="error" role="alert">{linkError}</p>}
      <Credentials how={how.value} />
      <p class="muted">
        {how.value === 'login' ? 'New here?' : 'You have an account?'}{' '}
        <button class="link" onClick={() => (how.value = how.value === 'login' ? 'register' : 'login')}>
          {how.value === 'login' ? 'Make an account' : 'Sign in'}
        </button>
      </p>
    </main>
  );
}

/**
 * The session is over: what is on the page stays, and goes on after signing in. Whoever types is not interrupted, or the rest of it would
 * go into the dialog: it is said, and asked for once they leave the field.
 */
export function Expired() {
  const waiting = queue.value.length;
  const over = phase.value === 'expired';
  const asking = useSignal(false);
  useLayoutEffect(() => { // before it is shown
    const field = document.activeElement;
    asking.value = over && !isTyping(field);
    if (!over || !isTyping(field)) return;
    const ask = () => (asking.value = true);
    field.addEventListener('blur', ask, { once: true });
    return () => field.removeEventListener('blur', ask);
  }, [over]);
  if (over && !asking.value) {
    return (
      <div class="toasts top" role="alert">
        <div class="toast"><span>Your session has ended. What you write is kept.</span><button class="quiet strong" onClick={() => (asking.value = true)}>Sign in</button></div>
      </div>
    );
  }
  return (
    <Dialog open={over} title="Your session has ended">
      <p>Sign in to go on. Nothing is lost{waiting > 0 ? `: ${count(waiting, 'change')} will be sent then` : ''}.</p>
      <Credentials how="login" email={user.value?.email ?? ''} />
      <p><button class="link" onClick={() => void out()}>{waiting > 0 ? `Sign out here, and lose ${count(waiting, 'change')}` : 'Sign out here'}</button></p>
    </Dialog>
  );
}

// Somebody else may go on with this device; the copy goes with who leaves it.
async function out(): Promise<void> {
  if (user.value) await drop(user.value.id);
  await forget();
}

function Credentials({ how, email = '' }: { how: 'login' | 'register'; email?: string }) {
  const address = useSignal(email);
  const password = useSignal('');
  const error = useSignal('');
  const busy = useSignal(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy.peek()) return;
    busy.value = true;
    error.value = '';
    try {
      await enter(how, address.value.trim(), password.value);
    } catch (problem) {
      error.value = sayError(problem);
    }
    busy.value = false;
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <label class="field">E-mail address
        <input type="email" required autocomplete="username" value={address} onInput={(event) => (address.value = event.currentTarget.value)} />
      </label>
      <label class="field">Password
        <input
          type="password" required minLength={how === 'register' ? 10 : 1} maxLength={200} value={password}
          autocomplete={how === 'register' ? 'new-password' : 'current-password'} onInput={(event) => (password.value = event.currentTarget.value)}
        />
        {how === 'register' && <small>10 characters or more.</small>}
      </label>
      {error.value && <p class="error" role="alert">{error}</p>}
      <button class="primary" type="submit" disabled={busy.value}>{how === 'login' ? 'Sign in' : 'Make the account'}</button>
    </form>
  );
}
