import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';

/** A component whose code is loaded when it is first shown. */
export function later(load: () => Promise<{ default: ComponentType }>): ComponentType {
  const loaded = signal<{ component: ComponentType } | null>(null);
  const failed = signal(false);
  let asked = false;
  return function Later() {
    if (!asked) {
      asked = true;
      load().then(({ default: component }) => (loaded.value = { component }), () => {
        asked = false;
        failed.value = true;
      });
    }
    const Shown = loaded.value?.component;
    return Shown ? <Shown /> : <p class="empty" role="status">{failed.value ? 'This part could not be loaded. Try again when you are online.' : 'Loading…'}</p>;
  };
}
