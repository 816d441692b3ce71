using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Persistence.Migrations;

/// <summary>What makes a transaction fail whose rows were made of something that has changed since.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261122000900_assumptions")]
public sealed class M0009Assumptions : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        create function raise_overtaken() returns void language plpgsql
            as $$ begin raise exception 'What was assumed has changed.' using errcode = 'TF001'; end $$;
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop function raise_overtaken();");
}
