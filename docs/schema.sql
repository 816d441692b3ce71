-- The schema of TodoFlow. Times are UTC.

create extension if not exists btree_gin;
create extension if not exists pg_trgm;

-- Accounts

create table app_user (
    id uuid not null constraint pk_app_user primary key,
    email text not null,
    normalized_email text not null,
    password_hash text not null,
    time_zone text not null,
    created_at timestamptz not null
);
create unique index ix_app_user_normalized_email on app_user (normalized_email);

create table refresh_token (
    digest bytea not null constraint pk_refresh_token primary key,
    user_id uuid not null constraint fk_refresh_token_user_id references app_user (id) on delete cascade,
    family_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index ix_refresh_token_family_id on refresh_token (family_id);
create index ix_refresh_token_user_id on refresh_token (user_id);
create index ix_refresh_token_expires_at on refresh_token (expires_at);

-- The first response to a request with an Idempotency-Key, for its repeats.
create table idempotent_response (
    scope bytea not null,
    key text not null,
    request_digest bytea not null,
    user_id uuid constraint fk_idempotent_response_user_id references app_user (id) on delete cascade,
    status smallint not null,
    headers jsonb not null,
    body bytea not null,
    created_at timestamptz not null,
    constraint pk_idempotent_response primary key (scope, key)
);
create index ix_idempotent_response_created_at on idempotent_response (created_at);
create index ix_idempotent_response_user_id on idempotent_response (user_id);

-- Tasks

-- to_tsvector over an array is only stable to PostgreSQL; over text[] its result never changes.
create function task_search_vector(title text, description text, tags text[]) returns tsvector
    language plpgsql immutable parallel safe as $$
    begin
        return setweight(to_tsvector('simple'::regconfig, title), 'A')
            || setweight(to_tsvector('simple'::regconfig, coalesce(description, '')), 'B')
            || setweight(to_tsvector('simple'::regconfig, array_to_string(tags, ' ')), 'C');
    end $$;

-- One text for all ways to write a word: compatibility forms (NFKC), case and accents are gone, and letters with a stroke are without it.
-- й is a letter of its own, as in the root of Unicode's CLDR; ё is е. Vowel signs of scripts that need them stay (Indic, Thai, kana).
-- Each character of a script without spaces, of Korean, whose words are parts of longer ones, and each emoji is a word of its own; those
-- beside each other are a phrase. The parser of words drops emoji: one becomes a letter that no keyboard has, with the emoji's number.
create function search_other_text(given text) returns text
    language plpgsql immutable parallel safe as $$
    begin
        given := lower(normalize(given, NFKD) collate "und-x-icu"); -- ICU's, which is the same in every database
        given := regexp_replace(
            given collate "C",
            -- accents (not the breve of й), Hebrew and Arabic points and tatweel, what is not seen, variants and skin colours of emoji
            '(?<!\u0438)\u0306|[\u00ad\u0300-\u0305\u0307-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c'
            '\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f'
            '\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\U0001f3fb-\U0001f3ff\U000e0000-\U000e01ef]',
            '', 'g');
        given := normalize(given, NFC);
        given := translate(
            given,
            'łøđħŧıĸŋðƒƀɓƈɖɗɇǥɠɨɉƙƚɲƞɵƥɍƫƭʉʋɏƴƶȥȼⱥⱦςىیکةٱہھە٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९',
            'lodhtikndfbbcddeggijklnnoprttuvyyzzcatσييكهاههه012345678901234567890123456789');
        given := replace(replace(replace(replace(given, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
        given := regexp_replace(
            given,
            '([\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3021-\u3029\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff'
            '\ua000-\ua4cf\uac00-\ud7ff\U00020000-\U000323af])',
            ',\1,', 'g');
        if given ~ '[\u2190-\u2bff\U0001f000-\U0001faff]' then
            select string_agg(
                    case when piece ~ '^[\u2190-\u2bff\U0001f000-\U0001faff]' then ' ꙮ' || to_hex(ascii(piece)) || ' ' || substr(piece, 2) else piece end,
                    '' order by place)
                into given
                from regexp_split_to_table(given, '(?=[\u2190-\u2bff\U0001f000-\U0001faff])') with ordinality as split (piece, place);
        end if;
        return given;
    end $$;

-- Most texts are ASCII alone, for which PostgreSQL calls no function: it puts this one's body in its place.
create function search_text(given text) returns text
    language sql immutable parallel safe
    return case when octet_length(given) = char_length(given) then lower(given collate "C") else search_other_text(given) end;

-- To PostgreSQL, array_to_string is only stable, which keeps a function out of the statement. Cheap enough to be called three times for one text.
create function tags_text(tags text[]) returns text
    language plpgsql immutable parallel safe cost 1 as $$
    begin
        return array_to_string(tags, ' ');
    end $$;

-- The words of a task as they are compared; search_vector has them as they are written.
create function task_folded_words(title text, description text, tags text[]) returns tsvector
    language sql immutable parallel safe
    return setweight(to_tsvector('simple'::regconfig, search_text(title)), 'A')
        || setweight(to_tsvector('simple'::regconfig, search_text(coalesce(description, ''))), 'B')
        || setweight(to_tsvector('simple'::regconfig, search_text(tags_text(tags))), 'C');

-- Each word of folded texts with the user before it; each three letters in a row of the title, behind a #, by which parts of words and mistyped
-- words are found; and the user alone, by which "everything but" is found. The end of a UUID is its random part; should two users share it, the
-- condition on the user tells them apart. A query has 500 characters at most.
create function task_words(user_id uuid, title text, description text, tags text) returns tsvector
    language plpgsql immutable parallel safe cost 1000 as $$
    declare
        owner constant text := right(user_id::text, 12);
    begin
        return array_to_tsvector(array(
            select owner || left(word, 500) from unnest(tsvector_to_array(
                to_tsvector('simple'::regconfig, title) || to_tsvector('simple'::regconfig, description) || to_tsvector('simple'::regconfig, tags))) as word
            union all select owner || '#' || substr(title, place, 3) from generate_series(1, char_length(title) - 2) as place
                where strpos(substr(title, place, 3), ' ') = 0
            union all select owner));
    end $$;

-- What was called here before; the next version drops them.
create function task_words(user_id uuid, search_vector tsvector) returns tsvector
    language sql immutable parallel safe cost 1000
    return array_to_tsvector(array(
        select right(user_id::text, 12) || left(word, 500) from unnest(array_append(tsvector_to_array(search_vector), '')) as word));
create function search_parts(given text) returns tsvector
    language sql immutable parallel safe
    return array_to_tsvector(array(
        select '#' || substr(given, place, 3) from generate_series(1, char_length(given) - 2) as place where strpos(substr(given, place, 3), ' ') = 0));

-- What a task is found by.
create function task_search_keys(user_id uuid, title text, description text, tags text[]) returns tsvector
    language sql immutable parallel safe
    return task_words(user_id, search_text(title), search_text(coalesce(description, '')), search_text(tags_text(tags)));

-- What finds at least the tasks that match: of nothing but words that must all be there, parts of words too; phrases as their words, and
-- then nothing of what is excluded. Not parallel: not knowing the words, PostgreSQL expects a 200th of all rows, and would start workers.
create function task_words_query(user_id uuid, sought tsquery) returns tsquery
    language plpgsql immutable strict parallel unsafe as $$
    declare
        owner constant text := '''' || right(user_id::text, 12);
        word constant text := '''((?:[^''\\]|''''|\\.)*)''';
        written constant text := sought::text;
        lexeme text;
        plain text;
        parts text;
        keys text;
    begin
        if written = '' then
            return sought;
        elsif written ~ '<' then
            return case querytree(sought)
                when 'T' then owner || ''''
                else regexp_replace(regexp_replace(querytree(sought), '<[-0-9]+>', '&', 'g'), word, owner || '\1''', 'g')
            end::tsquery;
        elsif written ~ '[|!]' then
            return (owner || ''' & (' || regexp_replace(written, word, owner || '\1''', 'g') || ')')::tsquery;
        end if;
        foreach lexeme in array string_to_array(written, ' & ') loop
            plain := substring(lexeme, '^''([^''\\]+)''');
            parts := '';
            for place in 1 .. coalesce(char_length(plain), 0) - 2 loop
                parts := parts || case place when 1 then ' | ' else ' & ' end || owner || '#' || substr(plain, place, 3) || '''';
            end loop;
            keys := concat(keys || ' & ', '(', owner, substr(lexeme, 2), parts, ')');
        end loop;
        return keys::tsquery;
    end $$;

create table task_item (
    id uuid not null constraint pk_task_item primary key,
    user_id uuid not null constraint fk_task_item_user_id references app_user (id) on delete cascade,
    title text not null constraint ck_task_item_title check (char_length(title) between 1 and 500),
    description text constraint ck_task_item_description check (char_length(description) <= 10000),
    status smallint not null constraint ck_task_item_status check (status between 0 and 1),
    priority smallint not null constraint ck_task_item_priority check (priority between 0 and 2),
    tags text[] not null constraint ck_task_item_tags check (cardinality(tags) <= 50),
    due_date text,
    due_at timestamptz,
    overdue_at timestamptz,
    time_zone text not null,
    recurrence text,
    recurrence_basis smallint not null,
    parent_task_id uuid,
    series_id uuid,
    occurrence integer,
    recurrence_anchor text, -- wall times, such as 2026-03-10 or 2026-03-10T19:00:00, in the task's zone
    anchor_occurrence integer,
    scheduled text,
    reminder_offset text,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    completed_at timestamptz,
    field_versions jsonb not null,
    create_digest bytea,
    search_vector tsvector not null generated always as (task_search_vector(title, description, tags)) stored
);
comment on column task_item.status is '0 pending, 1 completed';
comment on column task_item.priority is '0 low, 1 medium, 2 high';
comment on column task_item.recurrence_basis is '0 due, 1 completion';

-- Every list and search starts from the user; the id makes each order total, so that a cursor can resume it.
create index ix_task_item_user_id_status_due_at on task_item (user_id, status, due_at, id);
create index ix_task_item_user_id_priority on task_item (user_id, priority, id);
create index ix_task_item_user_id_created_at on task_item (user_id, created_at, id);
create index ix_task_item_user_id_updated_at on task_item (user_id, updated_at, id);

-- Titles as a reader of a language expects them: letters first, then accents, then case (the root of Unicode's CLDR, by ICU).
create collation title_order (provider = icu, locale = 'und');
create index ix_task_item_user_id_title on task_item (user_id, title collate title_order, id);

create unique index ix_task_item_open_occurrence on task_item (series_id) where status = 0 and recurrence is not null;

-- Words are indexed for each user on their own: a search costs what the user's tasks cost, not everybody's. New rows wait unsorted in
-- a list that every search reads: a short one.
create index ix_task_item_search on task_item using gin (task_search_keys(user_id, title, description, tags))
    with (gin_pending_list_limit = 64);
alter index ix_task_item_search alter column 1 set statistics 0; -- analyze would make the words of 30,000 tasks, and no plan asks for their statistics

create table task_tag (
    user_id uuid not null,
    tag text not null,
    created_at timestamptz not null,
    task_id uuid not null,
    due_at timestamptz,
    constraint pk_task_tag primary key (user_id, tag, created_at, task_id)
);
create index ix_task_tag_due_at on task_tag (user_id, tag, due_at, task_id);
comment on table task_tag is 'The tags of task_item, each a range in the order of a list; kept by triggers';

create function keep_task_tags() returns trigger language plpgsql as $$
    begin
        if tg_op <> 'INSERT' then
            delete from task_tag
            where user_id = old.user_id and tag = any(old.tags) and created_at = old.created_at and task_id = old.id;
        end if;
        if tg_op <> 'DELETE' then
            insert into task_tag (user_id, tag, created_at, task_id, due_at)
            select distinct new.user_id, tag, new.created_at, new.id, new.due_at from unnest(new.tags) as tag;
        end if;
        return null;
    end $$;
create trigger keep_tags_of_added after insert on task_item
    for each row when (new.tags <> '{}') execute function keep_task_tags();
create trigger keep_tags_of_changed after update of user_id, tags, created_at, id, due_at on task_item
    for each row when ((new.user_id, new.tags, new.created_at, new.id, new.due_at) is distinct from (old.user_id, old.tags, old.created_at, old.id, old.due_at))
    execute function keep_task_tags();
create trigger keep_tags_of_removed after delete on task_item
    for each row when (old.tags <> '{}') execute function keep_task_tags();

-- Reminders

-- No foreign key to the task: a reminder tells what became of it when the task is gone.
create table reminder (
    id uuid not null constraint pk_reminder primary key,
    task_id uuid not null,
    user_id uuid not null constraint fk_reminder_user_id references app_user (id) on delete cascade,
    remind_at timestamptz not null,
    reminder_offset text,
    of_task boolean not null,
    snoozed boolean not null,
    status smallint not null,
    due_at timestamptz,
    fired_at timestamptz,
    due_event_id uuid,
    late boolean not null,
    retry_count integer not null,
    sent_at timestamptz,
    reason text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    trace_parent text
);
comment on column reminder.status is '0 pending, 1 sent, 2 failed, 3 cancelled';
create index ix_reminder_due_at on reminder (due_at) where due_at is not null;
create index ix_reminder_ended on reminder (updated_at) where due_at is null;
create index ix_reminder_user_id_task_id on reminder (user_id, task_id);
create index ix_reminder_user_id_status_remind_at on reminder (user_id, status, remind_at, id);

-- What happened to a reminder besides what its row tells: moves, snoozes, earlier firings.
create table reminder_step (
    id uuid not null constraint pk_reminder_step primary key,
    reminder_id uuid not null constraint fk_reminder_step_reminder_id references reminder (id) on delete cascade,
    step text not null,
    occurred_at timestamptz not null,
    remind_at timestamptz,
    detail text
);
create index ix_reminder_step_reminder_id on reminder_step (reminder_id, occurred_at);

-- Notifications and their deliveries

-- No foreign key to the task or the reminder: a notification stays when they are gone.
create table notification (
    id uuid not null constraint pk_notification primary key,
    user_id uuid not null constraint fk_notification_user_id references app_user (id) on delete cascade,
    task_id uuid not null,
    reminder_id uuid,
    event_id uuid not null,
    title text not null,
    body text not null,
    remind_at timestamptz,
    late boolean not null,
    listed boolean not null,
    created_at timestamptz not null,
    read_at timestamptz,
    withdrawn_at timestamptz
);
create unique index ix_notification_event_id on notification (event_id);
create index ix_notification_user_id on notification (user_id, id);
create index ix_notification_unread on notification (user_id) where read_at is null and listed;
create index ix_notification_reminder_id on notification (reminder_id) where reminder_id is not null;

create table delivery (
    id uuid not null constraint pk_delivery primary key,
    notification_id uuid not null constraint fk_delivery_notification_id references notification (id) on delete cascade,
    user_id uuid not null,
    channel text not null,
    status smallint not null,
    due_at timestamptz,
    attempts integer not null,
    reason text,
    created_at timestamptz not null,
    deferred_at timestamptz,
    deferred_until timestamptz,
    collapsed_into uuid,
    ended_at timestamptz,
    trace_parent text
);
comment on column delivery.status is '0 pending, 1 deferred, 2 sent, 3 failed, 4 collapsed, 5 cancelled';
create index ix_delivery_notification_id on delivery (notification_id);
create index ix_delivery_due on delivery (channel, due_at) where due_at is not null;
create index ix_delivery_deferred on delivery (user_id, channel) where status = 1;
create index ix_delivery_collapsed_into on delivery (collapsed_into) where collapsed_into is not null;

create table delivery_attempt (
    delivery_id uuid not null constraint fk_delivery_attempt_delivery_id references delivery (id) on delete cascade,
    number integer not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    outcome text,
    reason text,
    constraint pk_delivery_attempt primary key (delivery_id, number)
);

create table notification_preference (
    user_id uuid not null constraint pk_notification_preference primary key
        constraint fk_notification_preference_user_id references app_user (id) on delete cascade,
    channels text[],
    quiet_from time,
    quiet_to time,
    time_zone text,
    default_reminder_offset text,
    all_day_reminder_time time not null,
    updated_at timestamptz not null
);

create table push_subscription (
    id uuid not null constraint pk_push_subscription primary key,
    user_id uuid not null constraint fk_push_subscription_user_id references app_user (id) on delete cascade,
    endpoint text not null constraint ck_push_subscription_endpoint check (octet_length(endpoint) <= 2048),
    p256dh bytea not null constraint ck_push_subscription_p256dh check (octet_length(p256dh) = 65),
    auth bytea not null constraint ck_push_subscription_auth check (octet_length(auth) = 16),
    expires_at timestamptz,
    created_at timestamptz not null,
    refreshed_at timestamptz not null
);
create unique index ix_push_subscription_endpoint on push_subscription (endpoint);
create index ix_push_subscription_user_id_refreshed_at on push_subscription (user_id, refreshed_at);

-- Events

-- Events on their way; and the log of them that consumers read where PostgreSQL is the transport.
create table outbox (
    event_id uuid not null constraint pk_outbox primary key,
    topic text not null,
    key text not null,
    shard smallint not null,
    payload bytea not null,
    headers jsonb,
    created_at timestamptz not null,
    position bigint not null generated always as identity,
    published_at timestamptz,
    sequence bigint
) with (fillfactor = 50); -- each row is written a second time, when it is published: beside the first, the write-ahead log holds what changed alone
create index ix_outbox_unpublished on outbox (shard, position) where published_at is null;
create index ix_outbox_log on outbox (topic, shard, sequence) where sequence is not null;

-- Numbers are drawn under a lock that is held until they are committed, so a reader sees none before a lower one.
create sequence event_log_sequence as bigint;

create table consumer_cursor (
    group_name text not null,
    topic text not null,
    shard smallint not null,
    sequence bigint not null,
    constraint pk_consumer_cursor primary key (group_name, topic, shard)
);

create table inbox (
    event_id uuid not null,
    group_name text not null,
    consumed_at timestamptz not null,
    constraint pk_inbox primary key (event_id, group_name)
);
create index ix_inbox_consumed_at on inbox using brin (consumed_at);

create table dead_letter (
    id uuid not null constraint pk_dead_letter primary key,
    group_name text not null,
    topic text not null,
    partition integer not null,
    record_offset bigint not null,
    digest bytea not null,
    key bytea,
    value bytea,
    headers json not null,
    reason text not null,
    event_id uuid,
    correlation_id text,
    first_parked_at timestamptz not null,
    last_parked_at timestamptz not null,
    replayed_at timestamptz
);
create unique index ix_dead_letter_place on dead_letter (group_name, topic, partition, record_offset, digest);

create table audit_entry (
    event_id uuid not null constraint pk_audit_entry primary key,
    task_id uuid not null,
    user_id uuid not null constraint fk_audit_entry_user_id references app_user (id) on delete cascade,
    event_type text not null,
    occurred_at timestamptz not null,
    task_version bigint,
    correlation_id text not null,
    changes jsonb not null,
    conflict jsonb
);
create index ix_audit_entry_user_id_task_id on audit_entry (user_id, task_id, occurred_at);

-- Sessions with a name, verified addresses, mails to accounts, and what slows guesses down. Times are UTC.

-- Constants and nulls: no row is written anew.
alter table app_user
    add column token_version integer not null default 0,
    add column email_verified_at timestamptz,
    add column mail_secret bytea;
comment on column app_user.token_version is 'Access tokens with another one do not serve';
comment on column app_user.mail_secret is 'Signs the links by which mails are unsubscribed; made with the first mail';

create table session (
    id uuid not null constraint pk_session primary key,
    user_id uuid not null constraint fk_session_user_id references app_user (id) on delete cascade,
    created_at timestamptz not null,
    refreshed_at timestamptz not null,
    expires_at timestamptz not null,
    address text,
    user_agent text
);
comment on table session is 'Sign-ins; the id is the family of their refresh tokens';
create index ix_session_user_id on session (user_id);
create index ix_session_expires_at on session (expires_at);

insert into session (id, user_id, created_at, refreshed_at, expires_at)
select family_id, user_id, min(created_at), max(created_at), max(expires_at) from refresh_token group by family_id, user_id;

alter table refresh_token
    add column successor_salt bytea,
    add constraint fk_refresh_token_family_id foreign key (family_id) references session (id) on delete cascade;

-- Pods of the version before know no sessions while a deployment runs: what they sign in gets one all the same.
create function add_session() returns trigger language plpgsql as $$
    begin
        insert into session (id, user_id, created_at, refreshed_at, expires_at)
        values (new.family_id, new.user_id, new.created_at, new.created_at, new.expires_at)
        on conflict (id) do nothing;
        return new;
    end $$;
create trigger add_session_of_refresh_token before insert on refresh_token for each row execute function add_session();

-- How often a password was tried for an address, whether or not it has an account.
create table sign_in_attempt (
    account bytea not null constraint pk_sign_in_attempt primary key,
    attempts integer not null,
    last_at timestamptz not null,
    blocked_until timestamptz
);
comment on column sign_in_attempt.account is 'SHA-256 of the address';
create index ix_sign_in_attempt_last_at on sign_in_attempt (last_at);

-- What the links in mails hold.
create table mail_token (
    digest bytea not null constraint pk_mail_token primary key,
    user_id uuid not null constraint fk_mail_token_user_id references app_user (id) on delete cascade,
    purpose text not null,
    email text not null,
    expires_at timestamptz not null
);
create index ix_mail_token_user_id on mail_token (user_id);
create index ix_mail_token_expires_at on mail_token (expires_at);

-- Mails about an account that are on their way.
create table account_mail (
    id uuid not null constraint pk_account_mail primary key,
    user_id uuid not null constraint fk_account_mail_user_id references app_user (id) on delete cascade,
    purpose text not null,
    due_at timestamptz not null,
    attempts integer not null
);
create index ix_account_mail_due_at on account_mail (due_at);
create index ix_account_mail_user_id on account_mail (user_id);

-- How many mails were sent in an hour, to a user and to an address.
create table mail_count (
    recipient bytea not null,
    hour timestamptz not null,
    mails integer not null,
    constraint pk_mail_count primary key (recipient, hour)
);
create index ix_mail_count_hour on mail_count (hour);

-- By which the events of a user who is deleted are found. The outbox holds a day's events, so its lock is a short one.
create index ix_outbox_key on outbox (key);

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

-- Personal access tokens. Times are UTC.

create table personal_access_token (
    id uuid not null constraint pk_personal_access_token primary key,
    user_id uuid not null constraint fk_personal_access_token_user_id references app_user (id) on delete cascade,
    name text not null,
    digest bytea not null,
    scopes text[] not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    last_used_at timestamptz
);
comment on column personal_access_token.digest is 'SHA-256 of the token, which is stored nowhere';
create unique index ix_personal_access_token_digest on personal_access_token (digest);
create index ix_personal_access_token_user_id on personal_access_token (user_id);
create index ix_personal_access_token_expires_at on personal_access_token (expires_at);

-- The key of this database's ids of occurrences: what keeps clients from knowing them beforehand. It has 244 random bits.

create table occurrence_key (
    key bytea not null constraint pk_occurrence_key primary key
);
create unique index ix_occurrence_key_only_one on occurrence_key ((true));
insert into occurrence_key values (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

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

-- The session that a browser subscribed to Web Push in: its subscription goes when the user ends the session, and stays when that expires.
alter table push_subscription
    add column session_id uuid constraint fk_push_subscription_session_id references session (id) on delete set null;
create index ix_push_subscription_session_id on push_subscription (session_id);
