import { signal } from '@preact/signals';
import { Icon } from './Icon';

interface Toast {
  id: number;
  text: string;
  undo?: (() => void) | undefined;
}

const STAYS = 8000; // milliseconds; it stays longer while it is pointed at or has the focus

const toasts = signal<readonly Toast[]>([]);
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let next = 1;

/** Says something that may be taken back. */
export function say(text: string, undo?: () => void): void {
  const toast = { id: next++, text, undo };
  toasts.value = [...toasts.value, toast].slice(-3);
  wait(toast.id);
}

/** Takes back the last thing that can be. */
export function undoLast(): void {
  const last = toasts.value.findLast((toast) => toast.undo);
  if (last) back(last);
}

function wait(id: number): void {
  timers.set(id, setTimeout(() => gone(id), STAYS));
}

function gone(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

function back(toast: Toast): void {
  gone(toast.id);
  toast.undo?.();
}

/** What was said; a live region, so it is read aloud. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div
          key={toast.id} class="toast"
          onPointerEnter={() => clearTimeout(timers.get(toast.id))} onPointerLeave={() => wait(toast.id)}
          onFocusIn={() => clearTimeout(timers.get(toast.id))} onFocusOut={() => wait(toast.id)}
        >
          <span dir="auto">{toast.text}</span>
          {toast.undo && <button class="quiet strong" onClick={() => back(toast)}>Undo</button>}
          <button class="quiet square" aria-label="Dismiss" onClick={() => gone(toast.id)}><Icon name="close" /></button>
        </div>
      ))}
    </div>
  );
}
