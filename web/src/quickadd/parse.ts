import { signal } from '@preact/signals';
import { ApiProblem, call, Unreachable } from '../api/http';
import type { QuickAdd } from '../api/types';

/** What the server understood of a text. */
export interface Understood {
  text: string;
  kept: Range[];
  result: QuickAdd;
}

export interface Range {
  start: number;
  end: number;
}

const PAUSE = 150; // milliseconds without a key until the server is asked
const PATIENCE = 1500; // milliseconds that adding waits for what was understood

/** Asks the server, while somebody types, what a line of text means. */
export function parser() {
  const understood = signal<Understood | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: AbortController | undefined;

  const ask = async (text: string, kept: Range[], signal: AbortSignal): Promise<Understood> => {
    const language = navigator.language.startsWith('de') ? 'de' : 'en';
    return { text, kept, result: await call('post', '/api/tasks/quick', { text, dry_run: true, language, keep: kept }, { signal }) };
  };

  const look = (text: string, kept: Range[]): void => {
    clearTimeout(timer);
    last?.abort();
    if (!text.trim()) understood.value = null;
    else timer = setTimeout(() => void now(text, kept).catch(() => (understood.value = null)), PAUSE);
  };

  const now = async (text: string, kept: Range[]): Promise<Understood> => {
    clearTimeout(timer);
    last?.abort();
    last = new AbortController();
    const one = await ask(text, kept, last.signal);
    understood.value = one;
    return one;
  };

  /** What a text means, within a moment; null where the server cannot be reached, or has no time. */
  const settle = async (text: string, kept: Range[]): Promise<Understood | null> => {
    const have = understood.peek();
    if (have?.text === text && have.kept === kept) return have;
    if (!navigator.onLine) return null;
    clearTimeout(timer);
    last?.abort();
    try {
      return await ask(text, kept, AbortSignal.timeout(PATIENCE));
    } catch (error) {
      const busy = error instanceof ApiProblem && (error.status === 429 || error.status >= 500);
      if (busy || error instanceof Unreachable || error instanceof DOMException) return null;
      throw error;
    }
  };

  return { understood, look, settle };
}
