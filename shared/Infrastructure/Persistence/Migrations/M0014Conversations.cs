using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>Conversations with the assistant: <c>M0014Conversations.sql</c>.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration(Id)]
public sealed class M0014Conversations : Migration
{
    /// <summary>Its name in the table of migrations.</summary>
    public const string Id = "20261128001400_conversations";

    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Script<M0014Conversations>();

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("drop table chat_usage; drop table conversation_turn; drop table conversation;");
}
