import { useSignal } from '@preact/signals';
import { call } from '../api/http';
import { say } from '../ui/toast';
import { Section, useAttempt } from './Section';

/** The feed that calendar programs subscribe to. */
export function Calendar() {
  const { error, busy, attempt } = useAttempt();
  const address = useSignal('');
  const make = () => attempt(async () => {
    address.value = location.origin + (await call('post', '/api/calendar-token')).path;
  });
  const end = () => attempt(async () => {
    await call('delete', '/api/calendar-token');
    address.value = '';
    say('The calendar feed has ended.');
  });
  return (
    <Section title="Calendar feed" note="A secret address for calendar programs: whoever knows it can read your due dates. Another one ends the one before." error={error}>
      <div class="line wrap">
        <button disabled={busy.value} onClick={() => void make()}>Make an address</button>
        <button disabled={busy.value} onClick={() => void end()}>End the feed</button>
      </div>
      {address.value && <label class="field">It is not shown again<input readOnly value={address} onFocus={(event) => event.currentTarget.select()} /></label>}
    </Section>
  );
}
