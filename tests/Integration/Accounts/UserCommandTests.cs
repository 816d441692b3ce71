using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>The commands <c>users add</c>, <c>token</c> and <c>sign-in-code</c>: what they print can be used as it is.</summary>
public sealed class UserCommandTests(TestApp app) : IClassFixture<TestApp>
{
    [Fact]
    public async Task A_user_who_was_added_signs_in_with_the_printed_password()
    {
        var added = await Run(app.Database.ConnectionString, "users", "add", "Demo@todoflow.local");
        Assert.Equal((0, ""), (added.ExitCode, added.Errors));
        var password = Assert.Single(added.Output.TrimEnd('\n').Split('\n'));
        Assert.Equal(20, password.Length);
        using var client = app.Anonymous();
        (await client.Post("/api/auth/login", new { email = "demo@todoflow.local", password })).Is(200);

        var again = await Run(app.Database.ConnectionString, "users", "add", "demo@TODOFLOW.local");
        Assert.Equal((3, ""), (again.ExitCode, again.Output));
        Assert.StartsWith("There is a user demo@TODOFLOW.local already", Assert.Single(again.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        (await client.Post("/api/auth/login", new { email = "demo@todoflow.local", password })).Is(200);

        var token = await Run(app.Database.ConnectionString, "token", "demo@todoflow.local");
        Assert.Equal((0, ""), (token.ExitCode, token.Errors));
        client.Token = Assert.Single(token.Output.TrimEnd('\n').Split('\n'));
        Assert.Equal("Demo@todoflow.local", (await client.Get("/api/me")).Is(200).Text("email"));
    }

    [Fact]
    public async Task The_printed_code_signs_its_user_in_once()
    {
        using var client = app.Anonymous();
        var email = "linked@example.com";
        (await client.Post("/api/auth/register", new { email, password = "correct horse battery" })).Is(201);

        var printed = await Run(app.Database.ConnectionString, "sign-in-code", email);

        Assert.Equal((0, ""), (printed.ExitCode, printed.Errors));
        var code = Assert.Single(printed.Output.TrimEnd('\n').Split('\n'));
        Assert.Matches("^[A-Za-z0-9_-]{43}$", code); // as it is behind the # of an address
        client.Token = (await client.Post("/api/auth/link", new { code })).Is(200).Text("access_token");
        Assert.Equal(email, (await client.Get("/api/me")).Is(200).Text("email"));

        var nobody = await Run(app.Database.ConnectionString, "sign-in-code", "nobody@example.com");
        Assert.Equal((3, "There is no user nobody@example.com; 'users add' makes one.\n"), (nobody.ExitCode, nobody.Errors));
    }

    [Fact]
    public async Task A_user_gets_another_password_from_an_operator_and_is_signed_out()
    {
        using var client = app.Anonymous();
        var email = "forgetful@example.com";
        var tokens = (await client.Post("/api/auth/register", new { email, password = "correct horse battery" })).Is(201);

        var given = await Run(app.Database.ConnectionString, "users", "password", email);

        Assert.Equal((0, ""), (given.ExitCode, given.Errors));
        (await client.Post("/api/auth/login", new { email, password = "correct horse battery" })).IsProblem(401, "invalid_credentials");
        (await client.Post("/api/auth/login", new { email, password = given.Output.TrimEnd('\n') })).Is(200);
        (await client.Post("/api/auth/refresh", new { refresh_token = tokens.Text("refresh_token") })).IsProblem(401, "refresh_token_invalid");

        var nobody = await Run(app.Database.ConnectionString, "users", "password", "nobody@example.com");
        Assert.Equal((3, "There is no user nobody@example.com; 'users add' makes one.\n"), (nobody.ExitCode, nobody.Errors));
    }

    [Fact]
    public async Task A_token_of_nobody_is_refused_in_one_line()
    {
        var token = await Run(app.Database.ConnectionString, "token", "nobody@example.com");
        Assert.Equal((3, ""), (token.ExitCode, token.Output));
        Assert.Equal("There is no user nobody@example.com; 'users add' makes one.\n", token.Errors);
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_said_in_one_line()
    {
        var token = await Run("Host=127.0.0.1;Port=1;Username=nobody;Database=nothing", "token", "nobody@example.com");
        Assert.Equal((1, ""), (token.ExitCode, token.Output));
        Assert.StartsWith("The database cannot be used: ", Assert.Single(token.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> Run(string database, params string[] arguments)
    {
        using var process = HostProcess.Start(arguments, new Dictionary<string, string>
        {
            ["ConnectionStrings:TodoFlow"] = database,
            ["Auth:SigningKeys:0:Id"] = "test",
            ["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more",
        });
        return await process.Exited();
    }
}
