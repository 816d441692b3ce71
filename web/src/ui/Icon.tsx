const PATHS = {
  today: 'M8 3v3m8-3v3M4 9.5h16M6 5h12a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2Zm3.5 9 2 2 3.5-3.5',
  upcoming: 'M8 3v3m8-3v3M4 9.5h16M6 5h12a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2Zm2 8.5h3m-3 3h6',
  all: 'M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm4.8-1.7L20 20',
  bell: 'M6 16.5V11a6 6 0 1 1 12 0v5.5l1.5 1.5h-15L6 16.5ZM10 20.5h4',
  spark: 'M12 4c.7 4.3 2.7 6.3 7 7-4.3.7-6.3 2.7-7 7-.7-4.3-2.7-6.3-7-7 4.3-.7 6.3-2.7 7-7ZM18.5 16.5v4m-2-2h4',
  trash: 'M5 7h14M10 7V5h4v2m-7 0 .8 11a2 2 0 0 0 2 1.9h4.4a2 2 0 0 0 2-1.9L17 7m-7 4v5m4-5v5',
  settings: 'M5 8h8m4 0h2M5 16h2m4 0h8M15 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Zm-6 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  plus: 'M12 5.5v13M5.5 12h13',
  close: 'M6.5 6.5l11 11m0-11-11 11',
  menu: 'M4.5 7h15m-15 5h15m-15 5h15',
  repeat: 'M17 4.5 20 7.5l-3 3M20 7.5H8a4 4 0 0 0-4 4v.5m3 7.5-3-3 3-3m-3 3h12a4 4 0 0 0 4-4v-.5',
  notes: 'M5 7h14M5 12h14M5 17h8',
  clock: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16Zm0-12.5V12l3 2',
  tag: 'M4.5 5.5v6l8 8 7-7-8-8h-6a1 1 0 0 0-1 1Zm4.5 4h.01',
  flag: 'M6 20V5m0 .5c4-2.5 8 2.5 12 0v8c-4 2.5-8-2.5-12 0',
  send: 'M5 12h13m-5.5-5.5L18 12l-5.5 5.5',
  back: 'M19 12H6m5.5-5.5L6 12l5.5 5.5',
  offline: 'M4 4l16 16M8.5 13a5 5 0 0 1 2-1.2M5.5 10a9 9 0 0 1 2.5-1.7M18.5 10a9 9 0 0 0-6.8-2.6M12 17.5h.01',
  undo: 'M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10h-3',
};

export type IconName = keyof typeof PATHS;

/** A line icon; it says nothing to a screen reader, what stands beside it does. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
