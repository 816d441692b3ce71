import type { components, paths } from './openapi';

type Schemas = components['schemas'];

export type Task = Schemas['TaskResponse'];
export type TaskUpdate = Omit<Schemas['TaskUpdateMessage'], 'fields'> & { fields: Partial<Task> };
export type ReminderMessage = Schemas['ReminderMessage'];
export type PushMessage = Schemas['PushMessage'];
export type Reminder = Schemas['ReminderResponse'];
export type Notice = Schemas['NotificationResponse'];
export type Preferences = Schemas['PreferencesResponse'];
export type Priority = Schemas['TaskPriority'];
export type FieldChange = Schemas['FieldChange'];
export type HistoryEntry = Schemas['HistoryEntry'];
export type QuickAdd = Schemas['QuickAddResponse'];
export type CommandRequest = Schemas['CommandRequest'];
export type CommandResult = Schemas['CommandResult'];
export type SyncResponse = Schemas['SyncResponse'];
export type ChatEvent = Schemas['ChatEvent'];
export type ChatApproval = Schemas['ChatApproval'];
export type ChatResponse = Schemas['ChatResponse'];
export type ChatMode = Schemas['ChatMode'];
export type ToolAction = Schemas['ToolAction'];
export type Conversation = Schemas['ConversationSummary'];
export type Message = Schemas['ConversationMessage'];
export type Tokens = Schemas['TokenResponse'];
export type Me = Schemas['MeResponse'];
export type ImportReport = Schemas['ImportResponse'];

export type Method = 'get' | 'post' | 'put' | 'delete';

/** The addresses of the API that have this method. */
export type PathOf<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, infer O> ? (O extends object ? P : never) : never }[keyof paths];

type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Json<T> = T extends { content: { 'application/json': infer B } } ? B : undefined;

/** What an operation takes in its address. */
export type ParametersOf<P extends keyof paths, M extends Method, Where extends 'path' | 'query'> =
  Operation<P, M> extends { parameters: { [_ in Where]?: infer N } } ? NonNullable<N> : never;

/** What an operation takes as JSON. */
export type BodyOf<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { requestBody?: infer B } ? Json<NonNullable<B>> : undefined;

/** What an operation returns as JSON. */
export type ResultOf<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R }
    ? 200 extends keyof R ? Json<R[200]> : 201 extends keyof R ? Json<R[201]> : undefined
    : undefined;

/** A problem of the API (RFC 9457). */
export type Problem = Schemas['Problem'];
