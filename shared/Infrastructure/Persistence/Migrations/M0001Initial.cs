using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>The first schema: <c>M0001Initial.sql</c>.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration(Id)] // Entity Framework wants 14 digits, and applies in their order
public sealed class M0001Initial : Migration
{
    /// <summary>Its name in the table of migrations.</summary>
    public const string Id = "20261128000100_initial";

    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Script<M0001Initial>();

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop table audit_entry, dead_letter, inbox, consumer_cursor, outbox, push_subscription, notification_preference, delivery_attempt,
            delivery, notification, reminder_step, reminder, task_tag, task_item, idempotent_response, refresh_token, app_user;
        drop sequence event_log_sequence;
        drop function keep_task_tags(), task_words_query(uuid, tsquery), task_words(uuid, tsvector), task_search_vector(text, text, text[]);
        """); // the extensions stay: others may use them
}
