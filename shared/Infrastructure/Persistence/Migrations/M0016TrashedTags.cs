using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>
/// Makes tags in the trash one that <see cref="M0012Search"/> has made the same: it put them into Unicode's form NFC, and left both. The
/// first stays, as it does in tasks.
/// </summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261128001600_trashed_tags")]
public sealed class M0016TrashedTags : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        update trashed_task set task = jsonb_set(task, '{tags}', to_jsonb(array(
                select tag from jsonb_array_elements_text(task -> 'tags') with ordinality as own (tag, place) group by tag order by min(place))))
            where jsonb_array_length(task -> 'tags') > (select count(distinct tag) from jsonb_array_elements_text(task -> 'tags') as tag)
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        // What was one tag to the user stays one.
    }
}
