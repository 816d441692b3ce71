using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Persistence.Migrations;

/// <summary>
/// Events on their way, and the log of them that consumers read where PostgreSQL is the transport; what consumers remember and
/// park; the audit trail; the rhythm of recurring tasks.
/// </summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261122000200_events")]
public sealed class M0002Events : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        create table outbox (
            event_id uuid not null constraint pk_outbox primary key,
            topic text not null,
            key text not null,
            lane smallint not null,
            payload bytea not null,
            headers jsonb,
            created_at timestamptz not null,
            position bigint not null generated always as identity,
            published_at timestamptz,
            sequence bigint
        );
        create index ix_outbox_unpublished on outbox (lane, position) where published_at is null;
        create index ix_outbox_log on outbox (topic, lane, sequence) where sequence is not null;

        -- Numbers are drawn under a lock that is held until they are committed, so a reader sees none before a lower one.
        create sequence event_log_sequence as bigint;

        create table consumer_cursor (
            group_name text not null,
            topic text not null,
            lane smallint not null,
            sequence bigint not null,
            constraint pk_consumer_cursor primary key (group_name, topic, lane)
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

        -- Wall times: 2026-03-10 or 2026-03-10T19:00:00, in the task's zone.
        alter table task_item
            add recurrence_anchor text,
            add anchor_occurrence integer,
            add scheduled text;
        create unique index ix_task_item_open_occurrence on task_item (series_id) where status = 0 and recurrence is not null;
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop index ix_task_item_open_occurrence;
        alter table task_item drop recurrence_anchor, drop anchor_occurrence, drop scheduled;
        drop table audit_entry;
        drop table dead_letter;
        drop table inbox;
        drop table consumer_cursor;
        drop sequence event_log_sequence;
        drop table outbox;
        """);
}
