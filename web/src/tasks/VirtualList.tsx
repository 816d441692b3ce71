import { signal, useSignal } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { focused } from './focus';
import type { Item } from './lists';
import { TaskRow } from './TaskRow';

// The heights of ui/design.css, in pixels: what is not on the screen is not in the page.
const phone = matchMedia('(max-width: 47.99rem)');
const heights = signal(measure());
phone.addEventListener('change', () => (heights.value = measure()));
const MARGIN = 600; // pixels above and below that are in the page

function measure() {
  return { head: 44, task: phone.matches ? 60 : 44 };
}

/** The list that is shown: the keys look into it. */
export const shown = signal<readonly Item[]>([]);

/** A list of any length: headings and tasks, in one list of the page. */
export function VirtualList({ items, label }: { items: readonly Item[]; label: string }) {
  const list = useRef<HTMLUListElement>(null);
  const view = useSignal({ top: 0, height: innerHeight });
  const sizes = heights.value;
  const offsets = useMemo(() => {
    const all = new Float64Array(items.length + 1);
    items.forEach((item, i) => (all[i + 1] = all[i]! + (item.kind === 'head' ? sizes.head : sizes.task)));
    return all;
  }, [items, sizes]);

  useLayoutEffect(() => {
    const pane = list.current!.closest('.pane')!;
    const look = () => {
      const top = pane.scrollTop - list.current!.offsetTop;
      const { top: before, height } = view.peek();
      if (Math.abs(top - before) > MARGIN / 3 || height !== pane.clientHeight) view.value = { top, height: pane.clientHeight };
    };
    look();
    pane.addEventListener('scroll', look, { passive: true });
    const size = new ResizeObserver(look);
    size.observe(pane);
    return () => {
      pane.removeEventListener('scroll', look);
      size.disconnect();
    };
  }, []);

  // Whoever walks the list with the keys keeps what has the focus on the screen.
  const goal = focused.value;
  useLayoutEffect(() => {
    const at = goal.move ? items.findIndex((item) => item.id === goal.id) : -1;
    if (at < 0 || !list.current) return;
    const pane = list.current.closest('.pane')!;
    const top = list.current.offsetTop + offsets[at]!;
    if (top < pane.scrollTop + 64) pane.scrollTop = top - 96;
    else if (top + 160 > pane.scrollTop + pane.clientHeight) pane.scrollTop = top + 200 - pane.clientHeight;
  }, [goal]);

  useLayoutEffect(() => {
    shown.value = items;
  }, [items]);

  const all = offsets;
  const from = Math.max(0, search(all, view.value.top - MARGIN) - 1);
  const to = Math.min(items.length, search(all, view.value.top + view.value.height + MARGIN) + 1);
  return (
    <ul ref={list} class="list" aria-label={label} style={{ height: `${all[items.length]}px` }}>
      {items.slice(from, to).map((item, i) => {
        const place = { top: all[from + i]!, position: from + i + 1, size: items.length };
        return item.kind === 'head' ? (
          <li key={item.id} class="head" style={{ transform: `translateY(${place.top}px)` }} aria-posinset={place.position} aria-setsize={place.size}>
            <h2>{item.title}</h2> <span class="count">{item.count}</span>
          </li>
        ) : (
          <TaskRow key={item.id} task={item.task} {...place} />
        );
      })}
    </ul>
  );
}

// The first entry that begins at this height or below.
function search(offsets: Float64Array, height: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[middle]! < height) low = middle + 1;
    else high = middle;
  }
  return low;
}

