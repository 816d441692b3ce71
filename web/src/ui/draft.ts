import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

const PAUSE = 800; // milliseconds without a key until a change is kept

/**
 * A text that is being typed: it is kept after a pause, where there is one, when the field is left, and when the page goes away. Where `keep`
 * returns false, the text was none, and the value stands there again.
 */
export function useDraft(value: string, keep: (text: string) => unknown, pause: number | null = PAUSE) {
  const text = useSignal(value);
  const typing = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const now = useRef<() => void>(() => undefined);
  now.current = () => {
    clearTimeout(timer.current);
    if (typing.current && text.peek() !== value && keep(text.peek()) === false) text.value = value;
    typing.current = false;
  };
  useEffect(() => {
    if (!typing.current) text.value = value; // another device's
  }, [value]);
  useEffect(() => {
    const leave = () => now.current();
    addEventListener('pagehide', leave);
    return () => {
      removeEventListener('pagehide', leave);
      leave();
    };
  }, []);
  return {
    text,
    onInput: (next: string) => {
      text.value = next;
      typing.current = true;
      clearTimeout(timer.current);
      if (pause !== null) timer.current = setTimeout(() => now.current(), pause);
    },
    onBlur: () => now.current(),
  };
}
