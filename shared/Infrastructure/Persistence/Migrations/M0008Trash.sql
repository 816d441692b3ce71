-- Tasks in the trash. They are in a table of their own, so that no list, search, count or reminder has to pass over them.
create table trashed_task (
    user_id uuid not null constraint fk_trashed_task_user_id references app_user (id) on delete cascade,
    id uuid not null,
    trashed_at timestamptz not null,
    task jsonb not null, -- the row of task_item
    constraint pk_trashed_task primary key (user_id, id)
);
create index ix_trashed_task_user_id_trashed_at on trashed_task (user_id, trashed_at, id);
create index ix_trashed_task_trashed_at on trashed_task (trashed_at);
