using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>The key of ids of occurrences: <c>M0013OccurrenceKey.sql</c>.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration(Id)]
public sealed class M0013OccurrenceKey : Migration
{
    /// <summary>Its name in the table of migrations.</summary>
    public const string Id = "20261128001300_occurrence_key";

    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Script<M0013OccurrenceKey>();

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop table occurrence_key;");
}
