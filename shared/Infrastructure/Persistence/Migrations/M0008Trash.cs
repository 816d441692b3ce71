using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>The trash: <c>M0008Trash.sql</c>.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261128000800_trash")]
public sealed class M0008Trash : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Script<M0008Trash>();

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop table trashed_task");
}
