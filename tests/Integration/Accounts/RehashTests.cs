using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>Passwords that were hashed by older rules.</summary>
public sealed class RehashTests(RehashTests.App app) : IClassFixture<RehashTests.App>
{
    [Fact]
    public async Task A_login_hashes_the_password_again_when_the_rules_have_become_stricter()
    {
        var (email, password) = ("ada@example.com", "correct horse battery");
        using (var client = app.Anonymous())
        {
            (await client.Post("/api/auth/register", new { email, password })).Is(201);
        }

        var weak = await app.Database.Scalar<string>("select password_hash from app_user");
        await app.StopHost();
        app.Iterations = "150000";
        await app.StartHost();

        using var later = app.Anonymous();
        (await later.Post("/api/auth/login", new { email, password = "a wrong password" })).IsProblem(401, "invalid_credentials");
        Assert.Equal(weak, await app.Database.Scalar<string>("select password_hash from app_user"));
        (await later.Post("/api/auth/login", new { email, password })).Is(200);
        var strong = await app.Database.Scalar<string>("select password_hash from app_user");
        Assert.NotEqual(weak, strong);
        (await later.Post("/api/auth/login", new { email, password })).Is(200);
        Assert.Equal(strong, await app.Database.Scalar<string>("select password_hash from app_user"));
    }

    /// <summary>The application with its iterations.</summary>
    public sealed class App : TestApp
    {
        public string Iterations { get; set; } = "100000";

        protected override void Configure(HostApplicationOptions options)
        {
            options.AddServices = new HostApplicationOptions().AddServices; // with the hasher of the settings
            options.Settings["Auth:PasswordIterations"] = Iterations;
        }
    }
}
