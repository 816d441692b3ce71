import { effect, signal } from '@preact/signals';
import { events } from '../api/events';
import { ApiProblem, call, request, sayError } from '../api/http';
import type { ChatApproval, ChatEvent, ChatMode, Conversation, Message } from '../api/types';
import { syncSoon } from '../sync/sync';

const DRAFT = 'todoflow.message'; // what was typed outlives the page

export const messages = signal<readonly Message[]>([]);
export const conversation = signal<string | null>(null);
export const mode = signal<ChatMode | null>(null);
/** What is being done at the moment; null while nothing is. */
export const doing = signal<string | null>(null);
export const failure = signal('');
/** What is written and not sent: it outlives the panel. */
export const draft = signal(sessionStorage.getItem(DRAFT) ?? '');
effect(() => sessionStorage.setItem(DRAFT, draft.value));

/** The stream ended before the turn did. */
class BrokenOff extends Error {}

/** Says something to the assistant. What was written comes back where it could not be sent. */
export async function tell(message: string): Promise<void> {
  if (doing.peek()) return; // one turn at a time
  const before = messages.peek();
  messages.value = [...before, said('user', message)];
  draft.value = '';
  const body = { message, ...(conversation.peek() ? { conversation_id: conversation.peek() } : {}) };
  if (await turn(() => request('post', '/api/chat', body, STREAM))) return;
  messages.value = before;
  draft.value = [message, draft.peek()].filter(Boolean).join('\n');
}

/** Lets it do what it asked for, or not. */
export async function decide({ request_id }: ChatApproval, approve: boolean): Promise<void> {
  const id = conversation.peek();
  if (!id || doing.peek()) return;
  const path = { id };
  if (await turn(() => request('post', '/api/chat/{id}/approvals', { request_id, approve }, { ...STREAM, path }))) mark(request_id, approve ? 'approved' : 'refused');
  else await resume(id).catch(() => undefined); // it may have been done before the connection broke off
}

const STREAM = { headers: { Accept: 'text/event-stream' } };

const said = (role: Message['role'], text: string): Message => ({ role, text, created_at: new Date().toISOString(), actions: [], approvals: [] });

function mark(id: string, status: ChatApproval['status']): void {
  messages.value = messages.value.map((message) => ({
    ...message, approvals: message.approvals.map((one) => (one.request_id === id ? { ...one, status } : one)),
  }));
}

// Whether the turn came to its end. What is said grows while it comes.
async function turn(send: () => Promise<Response>): Promise<boolean> {
  failure.value = '';
  doing.value = 'Thinking…';
  const before = messages.peek();
  const answer = said('assistant', '');
  try {
    for await (const event of events<ChatEvent>(await send())) {
      hear(answer, event);
      messages.value = [...before, { ...answer }];
      if (event.event === 'done') return true;
    }
    throw new BrokenOff();
  } catch (error) {
    messages.value = before;
    failure.value = error instanceof TypeError || error instanceof BrokenOff ? 'The connection broke off. What was done before is in your tasks.' : sayError(error);
    return false;
  } finally {
    doing.value = null;
    syncSoon(0);
  }
}

function hear(answer: Message, { event, data }: ChatEvent): void {
  switch (event) {
    case 'delta':
      answer.text += data.text;
      break;
    case 'tool':
      doing.value = data.status === 'started' ? 'Working on your tasks…' : 'Thinking…';
      break;
    case 'approval_required':
      answer.approvals = [...answer.approvals, data];
      break;
    case 'done':
      Object.assign(answer, { text: data.response, actions: data.actions, approvals: data.approvals });
      conversation.value = data.conversation_id;
      mode.value = data.mode;
      break;
    case 'error':
      throw ApiProblem.of(data);
  }
}

/** Begins anew. */
export function begin(): void {
  messages.value = [];
  conversation.value = null;
  failure.value = '';
}

/** The conversations before. */
export const list = (): Promise<Conversation[]> => call('get', '/api/chat');

/** Goes on with a conversation. */
export async function resume(id: string): Promise<void> {
  messages.value = (await call('get', '/api/chat/{id}', undefined, { path: { id } })).messages;
  conversation.value = id;
}

/** Deletes a conversation. */
export async function forgetConversation(id: string): Promise<void> {
  await call('delete', '/api/chat/{id}', undefined, { path: { id } });
  if (conversation.value === id) begin();
}
