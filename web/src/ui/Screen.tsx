import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

/** A screen: its heading, which is the page's title too, and what is on it. */
export function Screen({ title, note, aside, children }: { title: string; note?: string; aside?: ComponentChildren; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · TodoFlow`;
  }, [title]);
  return (
    <div class="screen">
      <header class="screen-head">
        <h1 dir="auto">{title}{note && <small>{note}</small>}</h1>
        {aside}
      </header>
      {children}
    </div>
  );
}
