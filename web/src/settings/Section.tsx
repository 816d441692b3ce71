import type { ReadonlySignal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { sayError } from '../api/http';

/** A part of the settings. */
export function Section({ title, note, error, children }: { title: string; note?: string; error?: ReadonlySignal<string>; children: ComponentChildren }) {
  return (
    <section class="section" aria-label={title}>
      <h2>{title}</h2>
      {note && <p class="muted">{note}</p>}
      {children}
      {error?.value && <p class="error" role="alert">{error}</p>}
    </section>
  );
}

/** Runs what may fail, and keeps what it said. */
export function useAttempt() {
  const error = useSignal('');
  const busy = useSignal(false);
  const attempt = async (act: () => Promise<unknown>): Promise<boolean> => {
    busy.value = true;
    error.value = '';
    try {
      await act();
      return true;
    } catch (problem) {
      error.value = sayError(problem);
      return false;
    } finally {
      busy.value = false;
    }
  };
  return { error, busy, attempt };
}
