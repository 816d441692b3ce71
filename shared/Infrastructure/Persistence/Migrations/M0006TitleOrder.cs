using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>
/// The order of titles and time zones in their canonical case (<c>M0006TitleOrder.sql</c>), and the index of that order, which is made
/// while tasks are written.
/// </summary>
[DbContext(typeof(TodoFlowDb))]
[Migration(Id)]
public sealed class M0006TitleOrder : Migration
{
    /// <summary>Its name in the table of migrations.</summary>
    public const string Id = "20261128000600_title_order";

    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Script<M0006TitleOrder>();
        migrationBuilder.Sql(
            "create index concurrently ix_task_item_user_id_title on task_item (user_id, title collate title_order, id)", suppressTransaction: true);
    }

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop index ix_task_item_user_id_title;
        drop collation title_order;
        """); // zones in their canonical case are right for what was before, too
}
