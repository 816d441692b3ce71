import { signal } from '@preact/signals';

/** The task that the keys are about; a new object with each step, so that the same task is focused again. */
export const focused = signal<{ id: string | null; move: boolean }>({ id: null, move: false });

/** Goes to a task; `move` gives it the focus of the page. */
export function focusTask(id: string | null, move = true): void {
  focused.value = { id, move };
}
