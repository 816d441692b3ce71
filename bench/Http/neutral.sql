-- Tasks as anybody would store them who has no events, no devices and no trash to think of: one table, an index for each sort of a user's
-- list, and one for what is found by words and by tags. The indexes are made when the rows are there.
create table tasks (
    id uuid primary key,
    user_id uuid not null,
    title text not null,
    description text,
    status text not null check (status in ('pending', 'completed')),
    priority smallint not null,
    tags text[] not null,
    due_date timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    completed_at timestamptz,
    words tsvector not null generated always as (to_tsvector('simple', title || ' ' || coalesce(description, ''))) stored
);
create index on tasks (user_id, created_at);
create index on tasks (user_id, updated_at);
create index on tasks (user_id, due_date);
create index on tasks (user_id, status, due_date);
create index on tasks (user_id, priority);
create index on tasks (user_id, title);
create index on tasks using gin (tags);
create index on tasks using gin (words);
