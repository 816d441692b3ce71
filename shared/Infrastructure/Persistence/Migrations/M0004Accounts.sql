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
