using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>
/// Which session a browser subscribed in, so that its notifications end when the session is ended from elsewhere. Subscriptions that are there get
/// theirs when the browser next confirms them; one whose session has expired stays, since reminders are to come also where nobody opens the page.
/// </summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261130002100_push_sessions")]
public sealed class M0021PushSessions : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        alter table push_subscription
            add column session_id uuid constraint fk_push_subscription_session_id references session (id) on delete set null;
        create index ix_push_subscription_session_id on push_subscription (session_id);
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("alter table push_subscription drop column session_id;");
}
