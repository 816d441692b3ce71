/** Whether somebody types, or chooses by letters, in what has the focus. */
export const isTyping = (target: Element | null): target is HTMLElement =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox]):not([type=radio])'));
