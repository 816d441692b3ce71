import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { panel } from '../app/panel';
import { Icon } from '../ui/Icon';
import { Bubble } from './Bubble';
import { begin, doing, draft, failure, messages, mode, tell } from './chat';
import { Conversations } from './Conversations';

const EXAMPLES = ['What is due today?', 'Add buy milk tomorrow', 'Move everything due today to tomorrow'];

/** The assistant, beside the tasks. */
export default function Assistant() {
  const past = useSignal(false);
  return (
    <>
      <header class="side-head">
        <h2 class="grow"><Icon name="spark" /> Assistant</h2>
        <button class="quiet square" aria-label="Conversations before" aria-pressed={past.value} onClick={() => (past.value = !past.value)}><Icon name="clock" /></button>
        <button class="quiet square" aria-label="Begin anew" disabled={doing.value !== null} onClick={() => (begin(), (past.value = false))}><Icon name="plus" /></button>
        <button class="quiet square" aria-label="Close the assistant" onClick={() => (panel.value = false)}><Icon name="close" /></button>
      </header>
      {past.value ? <Conversations onChosen={() => (past.value = false)} /> : <Talk />}
    </>
  );
}

function Talk() {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => end.current?.scrollIntoView({ block: 'end' }), [messages.value, doing.value]);
  return (
    <>
      <div class="talk" role="log" aria-label="Conversation" tabIndex={0}>
        {messages.value.length === 0 && (
          <div class="empty">
            <Icon name="spark" />
            <p class="empty-title">Ask about your tasks, or have something done</p>
            <ul class="plain-list">{EXAMPLES.map((text) => <li key={text}><button class="small" onClick={() => void tell(text)}>{text}</button></li>)}</ul>
          </div>
        )}
        {messages.value.map((message, i) => <Bubble key={i} message={message} />)}
        {doing.value && <p class="muted pulse">{doing}</p>}
        {failure.value && <p class="error" role="alert">{failure}</p>}
        <div ref={end} />
      </div>
      <Compose />
    </>
  );
}

function Compose() {
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => input.current?.focus({ preventScroll: true }), []);
  const submit = (event: Event) => {
    event.preventDefault();
    const text = draft.value.trim();
    if (text && !doing.value) void tell(text);
  };
  return (
    <form class="compose" onSubmit={submit}>
      <textarea
        ref={input} id="message" rows={2} maxLength={4000} dir="auto" aria-label="Message to the assistant" placeholder="What shall be done?" value={draft}
        onInput={(event) => (draft.value = event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && !event.shiftKey && !event.isComposing && submit(event)}
      />
      <button class="primary square" type="submit" aria-label="Send" disabled={doing.value !== null}><Icon name="send" /></button>
      {mode.value === 'rules' && <small class="muted">No model is set up: it follows rules, and understands simple sentences.</small>}
    </form>
  );
}
