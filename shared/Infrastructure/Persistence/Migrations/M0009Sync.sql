-- What devices keep a copy of says which transaction wrote it last, and what was removed is remembered for a time. A column with a
-- constant default costs no rewrite: rows from before count as written by no transaction, before all others.

create function stamp_change() returns trigger language plpgsql as $$
    begin
        new.changed_xid := pg_current_xact_id();
        return new;
    end $$;

alter table task_item add column changed_xid xid8 not null default '0';
alter table task_item alter column changed_xid set default pg_current_xact_id();
create trigger stamp_changed before update on task_item for each row execute function stamp_change();
create index ix_task_item_user_id_changed_xid on task_item (user_id, changed_xid, id);

alter table reminder add column changed_xid xid8 not null default '0';
alter table reminder alter column changed_xid set default pg_current_xact_id();
create trigger stamp_changed before update on reminder for each row execute function stamp_change();
create index ix_reminder_user_id_changed_xid on reminder (user_id, changed_xid, id);

alter table notification add column changed_xid xid8 not null default '0';
alter table notification alter column changed_xid set default pg_current_xact_id();
create trigger stamp_changed before update on notification for each row execute function stamp_change();
create index ix_notification_user_id_changed_xid on notification (user_id, changed_xid, id) where listed;

alter table notification_preference add column changed_xid xid8 not null default '0';
alter table notification_preference alter column changed_xid set default pg_current_xact_id();
create trigger stamp_changed before update on notification_preference for each row execute function stamp_change();

-- What was removed: gone, or in the trash. What is there again stays in it, and is passed over.
create table tombstone (
    user_id uuid not null constraint fk_tombstone_user_id references app_user (id) on delete cascade,
    resource text not null,
    id uuid not null,
    changed_xid xid8 not null default pg_current_xact_id(),
    removed_at timestamptz not null default now(),
    constraint pk_tombstone primary key (user_id, resource, id)
);
create index ix_tombstone_user_id_changed_xid on tombstone (user_id, changed_xid, id);
create index ix_tombstone_removed_at on tombstone (removed_at);

-- Not of an account that goes with all that it has.
create function record_removal() returns trigger language plpgsql as $$
    begin
        insert into tombstone (user_id, resource, id)
        select gone.user_id, tg_argv[0], gone.id from gone where exists (select from app_user where app_user.id = gone.user_id)
        on conflict (user_id, resource, id) do update set changed_xid = excluded.changed_xid, removed_at = excluded.removed_at;
        return null;
    end $$;
create trigger record_removed after delete on task_item referencing old table as gone for each statement execute function record_removal('tasks');
create trigger record_removed after delete on trashed_task referencing old table as gone for each statement execute function record_removal('tasks');
create trigger record_removed after delete on reminder referencing old table as gone for each statement execute function record_removal('reminders');
create trigger record_removed after delete on notification referencing old table as gone for each statement execute function record_removal('notifications');

-- The epoch of the database, which an operator renews after a restore: what signs the tokens of devices.
create table sync_epoch (
    epoch uuid not null constraint pk_sync_epoch primary key,
    secret bytea not null,
    began_at timestamptz not null
);
create unique index ix_sync_epoch_only_one on sync_epoch ((true));
insert into sync_epoch values (gen_random_uuid(), uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), now());

-- The first result of each command of a device, for its repeats.
create table sync_command (
    user_id uuid not null constraint fk_sync_command_user_id references app_user (id) on delete cascade,
    id uuid not null,
    result jsonb not null,
    created_at timestamptz not null,
    constraint pk_sync_command primary key (user_id, id)
);
create index ix_sync_command_created_at on sync_command (created_at);

-- When a device says that the change was made there.
alter table audit_entry add column client_time timestamptz;
