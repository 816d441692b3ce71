import { useSignal } from '@preact/signals';
import type { ChatApproval, Message, ToolAction } from '../api/types';
import { showTask } from '../app/route';
import { run } from '../sync/commands';
import { sayField } from '../sync/fields';
import { tasks } from '../sync/store';
import { Icon } from '../ui/Icon';
import { LongText } from '../ui/LongText';
import { decide, doing } from './chat';

/** What was said, as plain text: nothing in it is a link, a picture or markup. */
export function Bubble({ message }: { message: Message }) {
  return (
    <div class={`bubble ${message.role}`}>
      <span class="sr">{message.role === 'user' ? 'You: ' : 'Assistant: '}</span>
      {message.text && <p dir="auto">{message.text}</p>}
      {message.actions.length > 0 && <ul class="plain-list">{message.actions.map((action) => <Done key={`${action.task_id} ${action.version}`} action={action} />)}</ul>}
      {message.approvals.map((approval) => <Ask key={approval.request_id} approval={approval} />)}
    </div>
  );
}

const WORDS: Record<ToolAction['type'], string> = {
  created: 'Added', updated: 'Changed', rescheduled: 'Rescheduled', completed: 'Completed', reopened: 'Reopened', reminders_set: 'Reminders set', deleted: 'Moved to the trash', restored: 'Restored',
};
const BACK = { created: 'delete', completed: 'reopen', reopened: 'complete', deleted: 'restore', restored: 'delete' } as const;

function Done({ action: { type, task_id, title } }: { action: ToolAction }) {
  const undone = useSignal(false);
  const back = BACK[type as keyof typeof BACK];
  const undo = () => {
    undone.value = true;
    run(back, task_id);
  };
  return (
    <li class={`card did${undone.value ? ' done' : ''}`}>
      <div class="grow"><small>{undone.value ? 'Undone' : WORDS[type]}</small><strong dir="auto">{title}</strong></div>
      {back && !undone.value && <button class="small" aria-label={`Undo: ${WORDS[type]} ${title}`} onClick={undo}><Icon name="undo" /> Undo</button>}
      {tasks.value.has(task_id) && <button class="small" aria-label={`Open ${title}`} onClick={() => showTask(task_id)}>Open</button>}
    </li>
  );
}

// What a call would set, as it would be called: the words of a task may have led the model astray, so none of it is put in other words.
function argumentsOf(approval: ChatApproval): string[] {
  const titles = new Map(approval.items.map((item) => [item.task_id, item.title]));
  const isCall = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
  const say = (value: unknown, name: string): string[] => {
    if (isCall(value)) return Object.entries(value).filter(([key]) => key !== 'ids').flatMap(([key, one]) => say(one, key));
    if (Array.isArray(value) && value.some(isCall)) return value.flatMap((one) => say(one, name));
    if (name === 'id') return [`${titles.get(String(value)) ?? value}:`];
    return [`${sayField(name)}: ${typeof value === 'string' ? value : JSON.stringify(value)}`];
  };
  return say(approval.arguments, '');
}

function Ask({ approval }: { approval: ChatApproval }) {
  const set = argumentsOf(approval);
  const open = approval.status === 'pending';
  const answer = (approve: boolean) => void decide(approval, approve).then(() => document.getElementById('message')?.focus());
  return (
    <section class="card ask" aria-label="Approval">
      <p>{approval.summary}</p>
      <ul>{approval.items.slice(0, 20).map((item, i) => <li key={item.task_id ?? i} dir="auto">{item.title}</li>)}</ul>
      {approval.items.length > 20 && <p class="muted">and {approval.items.length - 20} more</p>}
      {set.length > 0 && <ul class="plain-list" aria-label="What would be set">{set.map((line, i) => <li key={i}><LongText text={line} /></li>)}</ul>}
      {open ? (
        <div class="actions">
          <button disabled={doing.value !== null} onClick={() => answer(false)}>Do not</button>
          <button class="primary" disabled={doing.value !== null} onClick={() => answer(true)}>Approve</button>
        </div>
      ) : <p class="muted">{approval.status === 'approved' ? 'You approved it.' : approval.status === 'refused' ? 'You refused it.' : 'It was left undone.'}</p>}
    </section>
  );
}
