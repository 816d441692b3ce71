import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiProblem, sayError } from '../api/http';
import { canPush, isSubscribed, subscribe, unsubscribe } from '../notifications/push';

/** Web Push of this browser. */
export function PushToggle() {
  const on = useSignal(false);
  const error = useSignal('');
  useEffect(() => void isSubscribed().then((is) => (on.value = is)), []);
  if (!canPush()) return <p class="muted">This browser cannot receive reminders while the page is closed.</p>;
  const change = async (wanted: boolean) => {
    error.value = '';
    try {
      await (wanted ? subscribe() : unsubscribe());
      on.value = wanted;
    } catch (problem) {
      on.value = await isSubscribed();
      error.value = say(problem);
    }
  };
  return (
    <>
      <label class="check">
        <input type="checkbox" checked={on} onChange={(event) => void change(event.currentTarget.checked)} /> Remind me in this browser, also when the page is closed
      </label>
      {error.value && <p class="error" role="alert">{error}</p>}
    </>
  );
}

function say(problem: unknown): string {
  if (problem instanceof ApiProblem && problem.status === 404) return 'This server has no keys for Web Push.';
  if (problem instanceof Error && problem.message === 'denied') return 'The browser does not allow notifications of this page. Allow them in its settings for this site.';
  return problem instanceof ApiProblem ? sayError(problem) : 'The browser’s push service cannot be reached.';
}
