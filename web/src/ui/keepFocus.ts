/**
 * Where what has the focus goes away, as a row that is deleted or a card that is dismissed, the focus goes to what it stood in, and not to the
 * beginning of the page: whoever works by the keyboard goes on where they are.
 */
export function startKeepingFocus(): void {
  let trail: HTMLElement[] = []; // what has the focus, and what it stands in
  addEventListener('focusin', ({ target }) => {
    trail = [];
    for (let one = target as HTMLElement | null; one; one = one.parentElement) trail.push(one);
  });
  new MutationObserver(() => {
    if (document.activeElement !== document.body || trail.length === 0 || trail[0]!.isConnected) return;
    const next = trail.find((one) => one.isConnected && one.hasAttribute('tabindex')) ?? document.getElementById('main');
    trail = [];
    next?.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true });
}
