import 'fake-indexeddb/auto';
import { vi } from 'vitest';

// What a browser has and Node has not: just enough of it.
const values = new Map<string, string>();
const storage = { getItem: (key: string) => values.get(key) ?? null, setItem: (key: string, value: string) => void values.set(key, value), removeItem: (key: string) => void values.delete(key) };

vi.stubGlobal('localStorage', storage);
vi.stubGlobal('sessionStorage', storage);
vi.stubGlobal('navigator', { onLine: true, language: 'en-GB', locks: { request: (_: string, run: () => unknown) => Promise.resolve(run()) } });
vi.stubGlobal('location', { assign: () => undefined, reload: () => undefined });
