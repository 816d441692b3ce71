import { addDays, noonOf, type Due } from '../tasks/due';

// The page is written in English; numbers and times follow the reader's own English, or the British one.
const locale = navigator.language.startsWith('en') ? navigator.language : 'en-GB';
const weekday = new Intl.DateTimeFormat(locale, { weekday: 'long' });
const short = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short' });
const dayMonth = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long' });
const dated = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const clock = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' });
const both = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' });

/** A day as people say it. */
export function sayDay(day: string, today: string): string {
  if (day === today) return 'Today';
  if (day === addDays(today, 1)) return 'Tomorrow';
  if (day === addDays(today, -1)) return 'Yesterday';
  if (day > today && day < addDays(today, 7)) return weekday.format(noonOf(day));
  return (day.slice(0, 4) === today.slice(0, 4) ? short : dated).format(noonOf(day));
}

/** A day as the heading of a list. */
export function headDay(day: string, today: string): string {
  const said = sayDay(day, today);
  return ['Today', 'Tomorrow', 'Yesterday'].includes(said) || day < addDays(today, 7) && day > today ? `${said}, ${dayMonth.format(noonOf(day))}` : said;
}

/** The heading of a screen of one day. */
export const longDay = (day: string): string => `${weekday.format(noonOf(day))}, ${dayMonth.format(noonOf(day))}`;

/** The time of day at which something is due. */
export const sayClock = ({ day, time }: Due): string => (time ? clock.format(new Date(`${day}T${time}:00`)) : '');

/** When something is due, as short as it can be. */
export function sayDue(due: Due, today: string): string {
  const { day } = due;
  const at = sayClock(due);
  return day === today && at ? at : at ? `${sayDay(day, today)}, ${at}` : sayDay(day, today);
}

/** An instant. */
export const sayTime = (instant: string): string => both.format(new Date(instant));

/** How long ago, in one word or two. */
export function sayAgo(instant: string, now = Date.now()): string {
  const minutes = Math.round((now - Date.parse(instant)) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.round(minutes / 60)} h ago`;
  return sayTime(instant);
}

/** A number of things. */
export const count = (n: number, one: string, many = `${one}s`): string => `${n.toLocaleString(locale)} ${n === 1 ? one : many}`;

const RULES: Record<string, string> = { daily: 'every day', weekdays: 'every weekday', weekly: 'every week', monthly: 'every month', yearly: 'every year' };

/** A recurrence, in words where there are some. */
export const sayRecurrence = (rule: string): string => RULES[rule] ?? rule.split('\n')[0]!.replace(/^RRULE:/i, '').toLowerCase().replace(/freq=/, '').replaceAll(';', ', ').replaceAll('=', ' ');
