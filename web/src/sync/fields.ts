import type { Task } from '../api/types';
import { dayOf, dueAt } from '../tasks/due';
import { sayDue, sayRecurrence } from '../ui/format';

/** The fields of a task that a person sets, as a person calls them: what two devices can disagree about. Others follow from them. */
export const FIELDS = {
  title: 'Title', description: 'Notes', status: 'Status', priority: 'Priority', tags: 'Tags', due_date: 'Due', time_zone: 'Time zone',
  recurrence: 'Repeat', recurrence_basis: 'Repeat counts from', reminder_offset: 'Reminder',
} satisfies Partial<Record<keyof Task, string>>;

type Field = keyof typeof FIELDS;

/** Whether a person sets it. */
export const isField = (field: string): field is Field => field in FIELDS;

/** A field's name. */
export const sayField = (field: string): string => (isField(field) ? FIELDS[field] : field.replaceAll('_', ' '));

/** A field's value, in words. */
export function sayValue(field: string, value: unknown): string {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return 'none';
  if (Array.isArray(value)) return value.map((one) => `#${one}`).join(' ');
  const text = String(value);
  switch (field as Field) {
    case 'due_date': {
      const due = dueAt(text, 'UTC'); // what the server writes has its offset
      return due ? sayDue(due, dayOf(new Date())) : text;
    }
    case 'recurrence':
      return sayRecurrence(text);
    case 'recurrence_basis':
      return text === 'completion' ? 'when it is completed' : 'when it is due';
    case 'reminder_offset':
      return /^0 /.test(text) ? 'when it is due' : `${text} before`;
    case 'status':
      return text === 'completed' ? 'completed' : 'open';
    default:
      return text;
  }
}
