import { computed, signal } from '@preact/signals';

/** Where the page is: the path is the screen, `?task=` the task whose sheet is open. */
const url = signal(new URL(location.href));

export const path = computed(() => url.value.pathname);
export const query = computed(() => url.value.searchParams);
export const openTask = computed(() => query.value.get('task'));

const DEEP = /^\/tasks\/([\w-]+)$/; // the address of a task, in mails and notifications

/** Goes to another screen, to the same with another sheet, or to a task by its address. */
export function go(to: string, replace = false): void {
  const asked = new URL(to, location.href);
  const task = DEEP.exec(asked.pathname);
  const next = task ? new URL(`/all?task=${task[1]}`, asked) : asked;
  if (next.href === location.href) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', next);
  url.value = next;
}

/** Opens a task's sheet over the screen, or closes it. */
export function showTask(id: string | null): void {
  const next = new URL(url.value);
  const open = next.searchParams.has('task');
  if (id) next.searchParams.set('task', id);
  else next.searchParams.delete('task');
  go(next.href, open && id !== null);
}

/** Follows links of this page, the browser's own buttons, and what a notification opens. */
export function startRouting(): void {
  addEventListener('popstate', () => (url.value = new URL(location.href)));
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest('a');
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (link.origin !== location.origin || link.target || link.hasAttribute('download') || link.pathname.startsWith('/api/')) return;
    event.preventDefault();
    go(link.href);
  });
  navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent<{ open?: string }>) => data.open && go(data.open));
  if (DEEP.test(location.pathname)) go(location.pathname, true);
  if (location.pathname === '/') go(`/today${location.hash}`, true);
}
