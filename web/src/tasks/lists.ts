import { computed, signal } from '@preact/signals';
import type { Task } from '../api/types';
import { tasks } from '../sync/store';
import { headDay } from '../ui/format';
import { addDays, dayOf, dueOf } from './due';

/** An entry of a list: a heading, or a task. */
export type Item = { kind: 'head'; id: string; title: string; count: number } | { kind: 'task'; id: string; task: Task };

/** The day it is on this device. */
export const today = signal(dayOf(new Date()));
setInterval(() => (today.value = dayOf(new Date())), 30_000);

const RANK = { high: 0, medium: 1, low: 2 };

/** Open tasks, by due date, priority and age. */
export const open = computed(() => {
  const rows: { task: Task; key: string }[] = [];
  for (const task of tasks.value.values()) {
    if (task.status === 'pending') rows.push({ task, key: (dueOf(task)?.key ?? '~') + RANK[task.priority] + task.id });
  }
  rows.sort((a, b) => (a.key < b.key ? -1 : 1));
  return rows.map(({ task }) => task);
});

/** Completed tasks, the last one first. */
export const completed = computed(() =>
  [...tasks.value.values()]
    .filter((task) => task.status === 'completed')
    .sort((a, b) => ((a.completed_at ?? '') < (b.completed_at ?? '') ? 1 : -1)),
);

/** What is due today, or was due before. */
export const dueToday = computed(() => open.value.filter((task) => (dueOf(task)?.day ?? '~') <= today.value));

/** The tags of open tasks, with how many have them. */
export const tags = computed(() => {
  const counts = new Map<string, number>();
  for (const task of open.value) for (const tag of task.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a.localeCompare(b));
});

/** Today's list: what is overdue stands first. */
export const todayItems = computed(() => {
  const late = dueToday.value.filter((task) => dueOf(task)!.day < today.value);
  const now = dueToday.value.slice(late.length);
  return late.length === 0 ? plain(now) : [...grouped('Overdue', late), ...grouped('Today', now)];
});

/** What comes, day by day. */
export const upcomingItems = computed(() => {
  const days = new Map<string, Task[]>();
  for (const task of open.value) {
    const day = dueOf(task)?.day;
    if (day && day > today.value) days.set(day, [...(days.get(day) ?? []), task]);
  }
  return [...days].flatMap(([day, list]) => grouped(headDay(day, today.value), list));
});

/** Any tasks, by when they are due. */
export function byDue(list: readonly Task[]): Item[] {
  const parts: Record<'Overdue' | 'Today' | 'Next seven days' | 'Later' | 'No date', Task[]> =
    { Overdue: [], Today: [], 'Next seven days': [], Later: [], 'No date': [] };
  const week = addDays(today.value, 7);
  for (const task of list) {
    const day = dueOf(task)?.day;
    parts[!day ? 'No date' : day < today.value ? 'Overdue' : day === today.value ? 'Today' : day <= week ? 'Next seven days' : 'Later'].push(task);
  }
  return Object.entries(parts).flatMap(([title, part]) => grouped(title, part));
}

export const plain = (list: readonly Task[]): Item[] => list.map((task) => ({ kind: 'task', id: task.id, task }));

function grouped(title: string, list: readonly Task[]): Item[] {
  return list.length === 0 ? [] : [{ kind: 'head', id: `head ${title}`, title, count: list.length }, ...plain(list)];
}

const words = new WeakMap<Task, string>();
const SLICE = 500; // tasks that are made ready at a time

/** Makes tasks ready to be searched while nothing else is to be done, so that the first letter need not wait. */
export function prepareSearch(list: readonly Task[], from = 0): void {
  const idle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 50));
  if (from < list.length) idle(() => (list.slice(from, from + SLICE).forEach(wordsOf), prepareSearch(list, from + SLICE)));
}

/** Tasks that have all words of a text, in their title, notes or tags. */
export function matching(list: readonly Task[], text: string): readonly Task[] {
  const wanted = fold(text).split(/\s+/).filter(Boolean);
  return wanted.length === 0 ? list : list.filter((task) => wanted.every((word) => wordsOf(task).includes(word)));
}

function wordsOf(task: Task): string {
  let text = words.get(task);
  if (text === undefined) words.set(task, (text = fold(`${task.title} ${task.description ?? ''} ${task.tags.map((tag) => `#${tag}`).join(' ')}`)));
  return text;
}

const PLAIN = /^[\x20-\x7e]*$/;
const fold = (text: string) => (PLAIN.test(text) ? text : text.normalize('NFKD').replace(/\p{M}/gu, '')).toLowerCase();
