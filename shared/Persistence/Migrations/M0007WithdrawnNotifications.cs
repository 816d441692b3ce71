using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Persistence.Migrations;

/// <summary>Notifications whose reminder or task was deleted before they were delivered everywhere.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261122000700_withdrawn_notifications")]
public sealed class M0007WithdrawnNotifications : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("alter table notification add column withdrawn_at timestamptz;");

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("alter table notification drop column withdrawn_at;");
}
