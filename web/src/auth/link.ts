import { signal } from '@preact/signals';
import { sayError } from '../api/http';
import { enterByLink } from './session';

/** Why a sign-in link did not serve. */
export const linkError = signal('');

/** Signs in where the address holds a code, `#sign-in=…`, and takes it out of the address. */
export async function followLink(): Promise<void> {
  const code = new URLSearchParams(location.hash.slice(1)).get('sign-in');
  if (!code) return;
  history.replaceState(null, '', location.pathname + location.search);
  try {
    await enterByLink(code);
  } catch (error) {
    linkError.value = `${sayError(error)} Links serve once; ask for another.`;
  }
}
