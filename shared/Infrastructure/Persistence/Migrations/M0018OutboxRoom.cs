using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>
/// Leaves room in the outbox's blocks for each row's second version, which says that it is published: beside the first one, the write-ahead log
/// holds only what changed, and else the whole event once more. Blocks that are there stay as they are.
/// </summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261128001800_outbox_room")]
public sealed class M0018OutboxRoom : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("alter table outbox set (fillfactor = 50)");

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("alter table outbox reset (fillfactor)");
}
