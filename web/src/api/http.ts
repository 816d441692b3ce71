import type { paths } from './openapi';
import type { BodyOf, Method, ParametersOf, PathOf, Problem, ResultOf } from './types';

/** The API refused: what it said. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly fields: readonly { field: string; message: string }[] = [],
    readonly retryAfter = 0, // seconds
  ) {
    super(detail);
  }

  static of({ status, code, detail, errors = [] }: Problem, retryAfter = 0): ApiProblem {
    return new ApiProblem(status, code, detail, errors as { field: string; message: string }[], retryAfter);
  }
}

/** The API could not be reached. */
export class Unreachable extends Error {
  constructor() {
    super('TodoFlow cannot be reached.');
  }
}

/** Who may call: the session sets it (auth/session.ts). */
export const access: { token: (rejected?: string) => Promise<string> } = {
  token: () => Promise.reject(new Unreachable()),
};

export interface CallOptions<P extends keyof paths, M extends Method> {
  path?: ParametersOf<P, M, 'path'>;
  query?: ParametersOf<P, M, 'query'>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  anonymous?: boolean;
}

/** Calls an operation of the API, typed by docs/openapi.json. */
export async function call<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  body?: BodyOf<P, M>,
  options: CallOptions<P, M> = {},
): Promise<ResultOf<P, M>> {
  const response = await request(method, path, body, options);
  return (response.status === 204 ? undefined : await response.json()) as ResultOf<P, M>;
}

/**
 * Sends a request with the access token, and once more with the next one where that is refused.
 * @throws ApiProblem, Unreachable
 */
export async function request<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  body?: BodyOf<P, M> | Blob,
  options: CallOptions<P, M> = {},
): Promise<Response> {
  const headers = new Headers(options.headers);
  const raw = body instanceof Blob;
  if (body !== undefined && !raw) headers.set('Content-Type', 'application/json');
  const payload = body === undefined ? null : raw ? body : JSON.stringify(body);
  const url = address(path, options.path, options.query);
  let token = options.anonymous ? '' : await access.token();
  for (let again = false; ; again = true) {
    if (token) headers.set('Authorization', `Bearer ${token}`);
    const response = await reach(url, { method: method.toUpperCase(), headers, body: payload, signal: options.signal ?? null });
    if (response.ok) return response;
    if (response.status === 401 && token && !again) token = await access.token(token);
    else throw await problemOf(response);
  }
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Unreachable();
  }
}

async function problemOf(response: Response): Promise<Error> {
  const problem = (await response.json().catch(() => null)) as Problem | null;
  if (!problem?.code) return new Unreachable(); // a proxy before it answers, not the API
  return ApiProblem.of(problem, Number(response.headers.get('Retry-After')) || 0);
}

function address(path: string, names: Record<string, string> = {}, query: Record<string, unknown> = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size > 0 ? `${filled}?${search}` : filled;
}

/** What an error says to a person. */
export function sayError(error: unknown): string {
  if (error instanceof ApiProblem) {
    const fields = error.fields.map(({ field, message }) => `${field.replace(/^args\./, '').replaceAll('_', ' ')} ${message}`).join('; ');
    return fields || error.message;
  }
  return error instanceof Unreachable ? 'TodoFlow cannot be reached. Try again when you are online.' : 'Something went wrong. Try again.';
}
