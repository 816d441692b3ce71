using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>
/// Keeps what waits unsorted in the index of searches to a quarter, since every search reads all of it: new tasks cost the same. And lets
/// <c>analyze</c> pass over what tasks are found by. To count the most common words, it made those of 30,000 tasks each time, five sixths of its
/// time, once a minute while tasks are added. Nobody asks for the count: what is sought is not known when a search is planned.
/// </summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261129001900_search_index")]
public sealed class M0019SearchIndex : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        alter index ix_task_item_search set (gin_pending_list_limit = 64);
        alter index ix_task_item_search alter column 1 set statistics 0;
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        alter index ix_task_item_search alter column 1 set statistics -1;
        alter index ix_task_item_search set (gin_pending_list_limit = 256);
        """);
}
