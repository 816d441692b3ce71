import { signal } from '@preact/signals';

/** Whether the assistant is open beside the screen. */
export const panel = signal(false);
/** Asks for the field where tasks are added. */
export const adding = signal(false);
/** Whether a phone shows the menu. */
export const menu = signal(false);
