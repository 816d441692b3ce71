import { signal } from '@preact/signals';
import { ApiProblem, sayError, send } from '../api/http';
import { syncSoon } from '../sync/sync';

/** What the assistant did to a task. */
export interface Action {
  type: 'created' | 'updated' | 'rescheduled' | 'completed' | 'reopened' | 'reminders_set' | 'deleted' | 'restored';
  task_id: string;
  title: string;
  version: number;
}

/** What it asks the user for. */
export interface Approval {
  request_id: string;
  tool: string;
  summary: string;
  items: { task_id?: string; title: string }[];
  status?: 'pending' | 'approved' | 'refused' | 'expired';
}

export interface Message {
  role: 'user' | 'assistant';
  text: string;
  actions: Action[];
  approvals: Approval[];
}

interface Response {
  response: string;
  conversation_id: string;
  mode: 'rules' | 'model';
  actions: Action[];
  approvals: Approval[];
}

export interface Summary {
  id: string;
  title: string;
  updated_at: string;
}

export const messages = signal<readonly Message[]>([]);
export const conversation = signal<string | null>(null);
export const mode = signal<'rules' | 'model' | null>(null);
/** What is being done at the moment; null while nothing is. */
export const doing = signal<string | null>(null);
export const failure = signal('');
/** What is written and not sent: it outlives the panel. */
export const draft = signal('');

/** Says something to the assistant. What was written comes back where it could not be sent. */
export async function tell(message: string): Promise<void> {
  draft.value = '';
  messages.value = [...messages.value, { role: 'user', text: message, actions: [], approvals: [] }];
  const body = { message, ...(conversation.value ? { conversation_id: conversation.value } : {}) };
  if (!(await turn('/api/chat', body))) {
    messages.value = messages.value.slice(0, -1);
    draft.value = draft.value || message;
  }
}

/** Lets it do what it asked for, or not. */
export async function decide({ request_id }: Approval, approve: boolean): Promise<void> {
  if (await turn(`/api/chat/${conversation.value}/approvals`, { request_id, approve })) mark(request_id, approve ? 'approved' : 'refused');
}

function mark(id: string, status: Approval['status']): void {
  messages.value = messages.value.map((message) => ({
    ...message, approvals: message.approvals.map((one) => (one.request_id === id ? { ...one, status: status! } : one)),
  }));
}

// Whether the turn came to its end. The answer grows while it comes.
async function turn(path: string, body: unknown): Promise<boolean> {
  failure.value = '';
  doing.value = 'Thinking…';
  const before = messages.value;
  const answer: Message = { role: 'assistant', text: '', actions: [], approvals: [] };
  const show = () => (messages.value = [...before, { ...answer }]);
  try {
    const response = await send('post', path, body, { headers: { Accept: 'text/event-stream' } });
    for await (const { event, data } of events(response)) {
      if (event === 'delta') answer.text += (data as { text: string }).text;
      else if (event === 'tool') doing.value = (data as { status: string }).status === 'started' ? 'Working on your tasks…' : 'Thinking…';
      else if (event === 'approval_required') answer.approvals = [...answer.approvals, data as Approval];
      else if (event === 'error') throw problemOf(data);
      else if (event === 'done') finish(answer, data as Response);
      show();
    }
    return true;
  } catch (error) {
    messages.value = before;
    failure.value = error instanceof TypeError ? 'The connection broke off. What was done before is in your tasks.' : sayError(error);
    return false;
  } finally {
    doing.value = null;
    syncSoon(0);
  }
}

function finish(answer: Message, { response, conversation_id, mode: how, actions, approvals }: Response): void {
  Object.assign(answer, { text: response, actions, approvals });
  conversation.value = conversation_id;
  mode.value = how;
}

function problemOf(data: unknown): ApiProblem {
  const { status, code, detail } = data as { status: number; code: string; detail: string };
  return new ApiProblem(status, code, detail);
}

/** Reads server-sent events. */
export async function* events(response: globalThis.Response): AsyncGenerator<{ event: string; data: unknown }> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split('\n\n');
    rest = parts.pop()!;
    for (const part of parts) {
      const event = /^event: (.*)$/m.exec(part)?.[1];
      const data = /^data: (.*)$/m.exec(part)?.[1];
      if (event && data) yield { event, data: JSON.parse(data) as unknown };
    }
  }
}

/** Begins anew. */
export function begin(): void {
  messages.value = [];
  conversation.value = null;
  failure.value = '';
}

/** The conversations before. */
export async function list(): Promise<Summary[]> {
  return (await (await send('get', '/api/chat', undefined)).json()) as Summary[];
}

/** Goes on with a conversation. */
export async function resume(id: string): Promise<void> {
  const found = (await (await send('get', `/api/chat/${id}`, undefined)).json()) as { messages: Message[] };
  messages.value = found.messages;
  conversation.value = id;
}

/** Deletes a conversation. */
export async function forgetConversation(id: string): Promise<void> {
  await send('delete', `/api/chat/${id}`, undefined);
  if (conversation.value === id) begin();
}
