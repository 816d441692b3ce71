import type { QuickAdd } from '../api/types';
import { dueOf } from '../tasks/due';
import { today } from '../tasks/lists';
import { Icon, type IconName } from '../ui/Icon';
import { sayDue, sayRecurrence } from '../ui/format';
import type { Range, Understood } from './parse';

type Span = QuickAdd['spans'][number];

const ICONS: Partial<Record<Span['kind'], IconName>> = { due: 'today', recurrence: 'repeat', tag: 'tag', priority: 'flag', reminder: 'bell' };

/** What was understood, as chips that can be taken back, and what was not. */
export function Chips({ text, understood: { result, text: asked }, onKeep }: { text: string; understood: Understood; onKeep: (range: Range) => void }) {
  const chips = result.spans.filter(({ kind }) => kind in ICONS);
  if (chips.length === 0 && result.ambiguous.length === 0) return null;
  return (
    <ul class="chips" aria-label="Understood">
      {chips.map((span) => (
        <li key={`${span.start} ${span.kind}`} class={`chip ${span.kind}`}>
          <Icon name={ICONS[span.kind]!} />
          <span dir="auto">{saySpan(span, result)}</span>
          <button
            type="button" class="quiet square" aria-label={`Leave “${asked.slice(span.start, span.end)}” in the title`} disabled={text !== asked}
            onClick={() => onKeep({ start: span.start, end: span.end })}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
      {result.ambiguous.map((note) => (
        <li key={`${note.start} note`} class="hint">“{note.text}”: {note.message}</li>
      ))}
    </ul>
  );
}

function saySpan({ kind, value }: Span, { task }: QuickAdd): string {
  const due = dueOf(task);
  if (kind === 'due' && due) return sayDue(due, today.value).replace(/^\d/, (digit) => (due.day === today.value && due.time ? `Today, ${digit}` : digit));
  if (kind === 'recurrence') return sayRecurrence(value);
  if (kind === 'reminder') return value === 'none' ? 'No reminder' : value === '0 minutes' ? 'Reminder when due' : `Reminder ${value} before`;
  if (kind === 'priority') return `${value[0]!.toUpperCase()}${value.slice(1)} priority`;
  return kind === 'tag' ? `#${value}` : value;
}
