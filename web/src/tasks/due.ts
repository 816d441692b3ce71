import type { Task } from '../api/types';

/** When a task is due, as this device shows it. */
export interface Due {
  /** The day, YYYY-MM-DD: of an all-day task as it is written, otherwise in this device's zone. */
  day: string;
  /** HH:MM in this device's zone; null of an all-day task. */
  time: string | null;
  /** Sorts: all-day tasks come before the timed ones of their day. */
  key: string;
}

export const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const cache = new WeakMap<Task, Due | null>();

/** When a task is due; null where it is not. */
export function dueOf(task: Task): Due | null {
  let due = cache.get(task);
  if (due === undefined) cache.set(task, (due = dueAt(task.due_date, task.time_zone)));
  return due;
}

/** When a due date is, as it stands on the wire; one without an offset is on the clock of a zone. */
export function dueAt(due: string | null, zone: string): Due | null {
  if (!due) return null;
  if (due.length === 10) return { day: due, time: null, key: due };
  const hasOffset = /(Z|[+-]\d\d:?\d\d)$/i.test(due);
  const instant = hasOffset ? Date.parse(due) : instantOf(due, zone);
  if (Number.isNaN(instant)) return null;
  const at = new Date(instant);
  const day = dayOf(at);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return { day, time, key: `${day}T${time}` };
}

const two = (n: number) => String(n).padStart(2, '0');

/** The day of an instant on this device, YYYY-MM-DD. */
export const dayOf = (at: Date): string => `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;

/** Noon of a day on this device. */
export const noonOf = (day: string): Date => new Date(`${day}T12:00:00`);

/** The day that is so many days later. */
export function addDays(day: string, days: number): string {
  const at = noonOf(day);
  at.setDate(at.getDate() + days);
  return dayOf(at);
}

/** The instant of a time on a zone's clock, in milliseconds; one that the clock skips moves forward by the gap, of one that it shows twice it is the first. */
export function instantOf(wall: string, zone: string): number {
  const utc = Date.parse(`${wall.slice(0, 16)}:00Z`);
  if (Number.isNaN(utc)) return utc;
  const before = offsetOf(utc - DAY, zone);
  const after = offsetOf(utc + DAY, zone);
  return offsetOf(utc - before, zone) !== before && offsetOf(utc - after, zone) === after ? utc - after : utc - before;
}

/** The time on a zone's clock, YYYY-MM-DDTHH:MM. */
export function wallOf(instant: number, zone: string): string {
  return new Date(instant + offsetOf(instant, zone)).toISOString().slice(0, 16);
}

const DAY = 86_400_000; // milliseconds
const formats = new Map<string, Intl.DateTimeFormat>();

function offsetOf(instant: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    const options: Intl.DateTimeFormatOptions = { hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' };
    try {
      format = new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone });
    } catch {
      format = new Intl.DateTimeFormat('en-US', options); // a zone that this browser does not know
    }
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const shown = Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute, parts.second);
  return shown - Math.floor(instant / 1000) * 1000;
}
