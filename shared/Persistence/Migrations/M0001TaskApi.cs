using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Persistence.Migrations;

/// <summary>Users, tasks with their search, and kept answers.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261122000100_task_api")] // Entity Framework wants 14 digits, and applies in their order
public sealed class M0001TaskApi : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        create extension if not exists btree_gin;
        create extension if not exists pg_trgm;

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

        create table idempotent_answer (
            scope bytea not null,
            key text not null,
            request_digest bytea not null,
            user_id uuid constraint fk_idempotent_answer_user_id references app_user (id) on delete cascade,
            status smallint not null,
            headers jsonb not null,
            body bytea not null,
            created_at timestamptz not null,
            constraint pk_idempotent_answer primary key (scope, key)
        );
        create index ix_idempotent_answer_created_at on idempotent_answer (created_at);
        create index ix_idempotent_answer_user_id on idempotent_answer (user_id);

        -- to_tsvector over an array is only stable to PostgreSQL; over text[] its result never changes.
        create function task_search_vector(title text, description text, tags text[]) returns tsvector
            language sql immutable parallel safe
            return setweight(to_tsvector('simple'::regconfig, title), 'A')
                || setweight(to_tsvector('simple'::regconfig, coalesce(description, '')), 'B')
                || setweight(to_tsvector('simple'::regconfig, array_to_string(tags, ' ')), 'C');

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
        create index ix_task_item_user_id_priority_due_at on task_item (user_id, priority, due_at, id);
        create index ix_task_item_user_id_created_at on task_item (user_id, created_at, id);
        create index ix_task_item_user_id_updated_at on task_item (user_id, updated_at, id);
        create index ix_task_item_search on task_item using gin (user_id, search_vector);
        create index ix_task_item_tags on task_item using gin (user_id, tags);
        create index ix_task_item_title_trigrams on task_item using gin (user_id, title gin_trgm_ops);
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop table task_item;
        drop function task_search_vector(text, text, text[]);
        drop table idempotent_answer;
        drop table refresh_token;
        drop table app_user;
        """); // the extensions stay: others may use them
}
