-- Conversations with the assistant, turn by turn, and what users spent on them. Times are UTC.

create table conversation (
    id uuid not null constraint pk_conversation primary key,
    user_id uuid not null constraint fk_conversation_user_id references app_user (id) on delete cascade,
    title text not null,
    version integer not null,
    busy_until timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on column conversation.version is 'counts its turns, and what was decided in them: whoever writes a turn has begun it';
comment on column conversation.busy_until is 'until when a turn that is under way keeps others out';
create index ix_conversation_user_id_updated_at on conversation (user_id, updated_at, id);
create index ix_conversation_updated_at on conversation (updated_at);

-- One turn: a message, and all that it led to. Not jsonb: a model may write what that cannot hold.
create table conversation_turn (
    conversation_id uuid not null constraint fk_conversation_turn_conversation_id references conversation (id) on delete cascade,
    number integer not null,
    turn json not null,
    constraint pk_conversation_turn primary key (conversation_id, number)
);

-- What a user's conversations took on a day (UTC), and their messages of the last minute.
create table chat_usage (
    user_id uuid not null constraint fk_chat_usage_user_id references app_user (id) on delete cascade,
    day date not null,
    tokens bigint not null,
    minute timestamptz not null,
    messages integer not null,
    constraint pk_chat_usage primary key (user_id, day)
);
create index ix_chat_usage_day on chat_usage (day);
