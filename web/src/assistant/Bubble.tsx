import { useSignal } from '@preact/signals';
import type { ChatApproval, Message, ToolAction } from '../api/types';
import { showTask } from '../app/route';
import { run } from '../sync/commands';
import { tasks } from '../sync/store';
import { Icon } from '../ui/Icon';
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

function Ask({ approval }: { approval: ChatApproval }) {
  const open = approval.status === 'pending';
  const answer = (approve: boolean) => void decide(approval, approve).then(() => document.getElementById('message')?.focus());
  return (
    <section class="card ask" aria-label="Approval">
      <p>{approval.summary}</p>
      <ul>{approval.items.slice(0, 20).map((item, i) => <li key={item.task_id ?? i} dir="auto">{item.title}</li>)}</ul>
      {approval.items.length > 20 && <p class="muted">and {approval.items.length - 20} more</p>}
      {open ? (
        <div class="actions">
          <button disabled={doing.value !== null} onClick={() => answer(false)}>Do not</button>
          <button class="primary" disabled={doing.value !== null} onClick={() => answer(true)}>Approve</button>
        </div>
      ) : <p class="muted">{approval.status === 'approved' ? 'You approved it.' : approval.status === 'refused' ? 'You refused it.' : 'It was left undone.'}</p>}
    </section>
  );
}
