import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { ApiProblem, sayError } from '../api/http';
import type { Task } from '../api/types';
import { adding } from '../app/panel';
import { create } from '../sync/commands';
import { focusTask } from '../tasks/focus';
import { Icon } from '../ui/Icon';
import { say } from '../ui/toast';
import { Chips } from './Chips';
import { parser, type Range } from './parse';

const DRAFT = 'todoflow.draft'; // what was typed outlives the page

/** One line of text becomes a task; `preset` is what the screen adds to it. */
export function QuickAdd({ preset = {} }: { preset?: Partial<Task> }) {
  const text = useSignal(sessionStorage.getItem(DRAFT) ?? '');
  const kept = useSignal<Range[]>([]);
  const error = useSignal('');
  const input = useRef<HTMLInputElement>(null);
  const parse = useMemo(parser, []);

  useEffect(() => {
    if (text.peek()) parse.look(text.peek(), []);
  }, []);
  useSignalEffect(() => {
    if (!adding.value) return;
    adding.value = false;
    input.current?.focus();
  });

  const show = (value: string, keep: Range[]) => {
    text.value = value;
    kept.value = keep;
    error.value = '';
    parse.look(value, keep);
  };
  const change = (value: string, keep: Range[]) => {
    sessionStorage.setItem(DRAFT, value);
    show(value, keep);
  };

  const add = async (event: Event) => {
    event.preventDefault();
    const raw = text.peek();
    const written = raw.trim();
    if (!written) return;
    const keep = kept.peek();
    const asked = parse.settle(raw, keep);
    show('', []); // at once: a second Enter adds nothing, and the next task can be typed
    try {
      const understood = await asked;
      focusTask(create({ ...preset, ...(understood ? fieldsOf(understood.result.task, preset) : asWritten(written)) }), false);
      if (!understood) say('Added as written: dates and tags in the text are understood only online.');
    } catch (problem) {
      // A sign-in that is over does not keep anybody from adding. Otherwise what was typed comes back.
      if (problem instanceof ApiProblem && problem.status === 401) create({ ...preset, ...asWritten(written) });
      else if (text.peek()) error.value = `“${written}” was not added: ${sayError(problem)}`;
      else {
        change(raw, keep);
        error.value = sayError(problem);
      }
    }
    if (!text.peek()) sessionStorage.removeItem(DRAFT);
  };

  return (
    <form class="add" onSubmit={(event) => void add(event)}>
      <div class="add-line">
        <Icon name="plus" />
        <input
          ref={input} id="add" dir="auto" autocomplete="off" enterkeyhint="done" maxLength={4000}
          aria-label="Add a task" aria-describedby="add-chips" placeholder="Add a task, such as “Call mom tomorrow 5pm #family”"
          value={text} onInput={(event) => change(event.currentTarget.value, [])}
          onKeyDown={(event) => event.key === 'Escape' && (change('', []), input.current?.blur())}
        />
        {text.value && <button class="primary small" type="submit">Add</button>}
      </div>
      <div id="add-chips" aria-live="polite">
        {error.value && <p class="error">{error}</p>}
        {text.value && parse.understood.value && (
          <Chips
            text={text.value} understood={parse.understood.value}
            onKeep={(range) => {
              change(text.peek(), [...kept.peek(), range]);
              input.current?.focus();
            }}
          />
        )}
      </div>
    </form>
  );
}

const LONGEST_TITLE = 500; // characters, as the API has it

// The text is the title; what of it is too long for one stands in the notes.
const asWritten = (text: string) => (text.length <= LONGEST_TITLE ? { title: text } : { title: `${text.slice(0, LONGEST_TITLE - 1).replace(/[\uD800-\uDBFF]$/, '')}…`, description: text });

// The task that the server would make, without what is not the client's to say. What the text says wins over the screen.
function fieldsOf(task: Task, preset: Partial<Task>): Partial<Task> & { title: string } {
  const { title, priority, due_date, time_zone, recurrence, recurrence_basis, reminder_offset } = task;
  const due = due_date ?? preset.due_date ?? null;
  return {
    title, priority, due_date: due, tags: [...new Set([...(preset.tags ?? []), ...task.tags])], time_zone,
    ...(recurrence === 'none' ? {} : { recurrence, recurrence_basis }),
    ...(due_date ? { reminder_offset } : {}), // otherwise the user's preference decides
  };
}
