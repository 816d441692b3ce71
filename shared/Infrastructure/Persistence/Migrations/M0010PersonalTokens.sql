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
