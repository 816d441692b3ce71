using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Persistence.Migrations;

/// <summary>The browsers that take notifications.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261122000500_web_push")]
public sealed class M0005WebPush : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
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
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop table push_subscription;");
}
