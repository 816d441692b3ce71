using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Persistence.Migrations;

/// <summary>Events on their way, and the log of them that consumers read where PostgreSQL is the transport.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261122000200_events")]
public sealed class M0002Events : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        create table transactional_outbox (
            event_id uuid not null constraint pk_transactional_outbox primary key,
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
        create index ix_transactional_outbox_unpublished on transactional_outbox (lane, position) where published_at is null;
        create index ix_transactional_outbox_log on transactional_outbox (topic, lane, sequence) where sequence is not null;

        -- Numbers are drawn under a lock that is held until they are committed, so a reader sees none before a lower one.
        create sequence event_log_sequence as bigint;
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop sequence event_log_sequence;
        drop table transactional_outbox;
        """);
}
