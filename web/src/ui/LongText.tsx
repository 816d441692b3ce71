const SHORT = 300; // characters that need no scrolling

/** A text of any length, as it was written; a long one scrolls, also by the keys. */
export function LongText({ text }: { text: string }) {
  return <span class="long-text" dir="auto" {...(text.length > SHORT ? { tabIndex: 0 } : {})}>{text}</span>;
}
