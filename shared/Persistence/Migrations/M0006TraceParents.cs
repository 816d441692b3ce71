using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Persistence.Migrations;

/// <summary>The trace that reminders and deliveries go on in when they have waited.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261122000600_trace_parents")]
public sealed class M0006TraceParents : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        alter table reminder add column trace_parent text;
        alter table delivery add column trace_parent text;
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        alter table delivery drop column trace_parent;
        alter table reminder drop column trace_parent;
        """);
}
