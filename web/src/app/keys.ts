import { signal } from '@preact/signals';
import { toggle, discard, dueOn } from '../tasks/actions';
import { focused, focusTask } from '../tasks/focus';
import { today } from '../tasks/lists';
import { shown } from '../tasks/VirtualList';
import { tasks } from '../sync/store';
import { undoLast } from '../ui/toast';
import { isTyping } from '../ui/typing';
import { adding, panel } from './panel';
import { go, openTask, path, showTask } from './route';
import { letters } from './settings';

/** Whether the list of keys is open. */
export const helping = signal(false);

/** The keys, as the help lists them. */
export const KEYS: readonly (readonly [string, string])[] = [
  ['q', 'Add a task'], ['/', 'Search'], ['j', 'Next task'], ['k', 'Previous task'], ['x', 'Complete or reopen'], ['e', 'Edit'],
  ['t', 'Due today'], ['Delete', 'Move to the trash'], ['z', 'Undo'], ['a', 'Assistant'], ['Esc', 'Close'], ['?', 'These keys'],
];

/** Goes where tasks are added, and there into the field. */
export function startAdding(): void {
  if (!document.getElementById('add')) go('/today');
  adding.value = true;
}

/** Listens to the keys, wherever nobody types. */
export function startKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape') return close(event);
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target) || !letters.value) return;
    const act = actions[event.key] ?? (event.key === 'ArrowDown' && inList(target) ? () => step(1) : event.key === 'ArrowUp' && inList(target) ? () => step(-1) : null);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

const inList = (target: HTMLElement) => target.closest('.list') !== null || target === document.body;

function close(event: Event): void {
  if (openTask.peek()) {
    showTask(null);
    focusTask(focused.peek().id);
  } else if (panel.peek()) panel.value = false;
  else return;
  event.preventDefault();
}

const actions: Record<string, () => void> = {
  q: startAdding,
  '/': () => {
    go('/search');
    requestAnimationFrame(() => document.getElementById('search')?.focus());
  },
  j: () => step(1),
  k: () => step(-1),
  x: () => withTask((task) => {
    const { id } = task;
    const next = neighbour(id);
    toggle(task);
    if (next && path.peek() !== '/search') focusTask(next);
  }),
  e: () => withTask((task) => {
    showTask(task.id);
    requestAnimationFrame(() => document.querySelector<HTMLElement>('.sheet-title textarea')?.focus());
  }),
  t: () => withTask((task) => dueOn(task, today.peek())),
  Delete: () => withTask((task) => {
    const next = neighbour(task.id);
    discard(task);
    focusTask(next);
  }),
  z: undoLast,
  a: () => (panel.value = !panel.peek()),
  '?': () => (helping.value = true),
};

function withTask(act: (task: NonNullable<ReturnType<typeof find>>) => void): void {
  const task = find();
  if (task) act(task);
}

const find = () => tasks.peek().get(openTask.peek() ?? focused.peek().id ?? '');
const rows = () => shown.peek().filter((item) => item.kind === 'task');

function step(by: 1 | -1): void {
  const list = rows();
  const at = list.findIndex(({ id }) => id === focused.peek().id);
  const next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by))];
  if (next) focusTask(next.id);
}

function neighbour(id: string): string | null {
  const list = rows();
  const at = list.findIndex((item) => item.id === id);
  return (list[at + 1] ?? list[at - 1])?.id ?? null;
}
