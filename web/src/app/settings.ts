import { effect, signal } from '@preact/signals';

/** How this browser shows the page. */
export type Theme = 'system' | 'light' | 'dark';

export const theme = signal((localStorage.getItem('todoflow.theme') as Theme | null) ?? 'system');
/** Whether single letters are commands (WCAG 2.1.4: it can be switched off). */
export const letters = signal(localStorage.getItem('todoflow.letters') !== 'off');

/** Keeps what is chosen, and applies it. */
export function startAppearance(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    document.documentElement.dataset.theme = theme.value === 'system' ? (dark.matches ? 'dark' : 'light') : theme.value;
  };
  dark.addEventListener('change', apply);
  effect(() => {
    localStorage.setItem('todoflow.theme', theme.value);
    apply();
  });
  effect(() => localStorage.setItem('todoflow.letters', letters.value ? 'on' : 'off'));
}
