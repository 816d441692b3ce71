using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>Personal access tokens: <c>M0010PersonalTokens.sql</c>.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration(Id)]
public sealed class M0010PersonalTokens : Migration
{
    /// <summary>Its name in the table of migrations.</summary>
    public const string Id = "20261128001000_personal_tokens";

    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Script<M0010PersonalTokens>();

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop table personal_access_token;");
}
