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
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        using var sql = new StreamReader(typeof(M0010PersonalTokens).Assembly.GetManifestResourceStream($"migrations/{nameof(M0010PersonalTokens)}.sql")!);
        migrationBuilder.Sql(sql.ReadToEnd());
    }

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop table personal_access_token;");
}
