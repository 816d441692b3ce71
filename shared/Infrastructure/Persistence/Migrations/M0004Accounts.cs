using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>Sessions, verified addresses, mails about accounts, and the back-off of sign-ins: <c>M0004Accounts.sql</c>.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration(Id)]
public sealed class M0004Accounts : Migration
{
    /// <summary>Its name in the table of migrations.</summary>
    public const string Id = "20261128000400_accounts";

    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Script<M0004Accounts>();

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop index ix_outbox_key;
        drop table mail_count, account_mail, mail_token, sign_in_attempt;
        drop trigger add_session_of_refresh_token on refresh_token;
        drop function add_session();
        alter table refresh_token drop constraint fk_refresh_token_family_id, drop column successor_salt;
        drop table session;
        alter table app_user drop column token_version, drop column email_verified_at, drop column mail_secret;
        """);
}
