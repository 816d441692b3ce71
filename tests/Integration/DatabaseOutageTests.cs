using System.Text.Json.Nodes;
using Npgsql;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration;

/// <summary>An application whose database can be cut off.</summary>
public sealed class CutOffApp : TestApp
{
    private readonly LeapingClock _clock = new();
    private CuttableProxy? _proxy;

    /// <summary>The wire to the database.</summary>
    public CuttableProxy Wire => _proxy ??= new CuttableProxy(Server.Host!, Server.Port);

    protected override TimeProvider Clock => _clock;

    /// <summary>What the host keeps for a second is over.</summary>
    public void ASecondPasses() => _clock.Leap(TimeSpan.FromSeconds(1));

    private NpgsqlConnectionStringBuilder Server => new(Database.ConnectionString);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _proxy?.Dispose();
    }

    protected override void Configure(HostApplicationOptions options) =>
        options.Settings["ConnectionStrings:TodoFlow"] = new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Host = "127.0.0.1", Port = Wire.Port }.ConnectionString;
}

public class DatabaseOutageTests(CutOffApp app) : IClassFixture<CutOffApp>
{
    [Fact]
    public async Task While_the_database_is_down_everything_is_503_and_nothing_is_lost_after_it()
    {
        using var alice = await app.SignUp();
        using var anonymous = app.Anonymous();
        var id = (await alice.Post("/api/tasks", new { title = "kept" })).Is(201).Id;
        var key = ("Idempotency-Key", "through-the-outage");

        app.Wire.Cut();
        foreach (var answer in new[]
        {
            await alice.Get($"/api/tasks/{id}"),
            await alice.Get("/api/tasks"),
            await alice.Post("/api/tasks/search", new { query = "kept" }),
            await alice.Post("/api/tasks", new { title = "later" }, key),
            await alice.Put($"/api/tasks/{id}", new { title = "changed" }),
            await alice.Delete($"/api/tasks/{id}"),
            await anonymous.Post("/api/auth/login", new { email = "a@example.com", password = "correct horse battery" }),
        })
        {
            answer.IsProblem(503, "database_unavailable");
            Assert.Equal(!answer.Request.StartsWith("GET", StringComparison.Ordinal), answer.Text("detail").Contains("may have been stored", StringComparison.Ordinal));
            Assert.True(int.Parse(answer.Header("Retry-After")!) > 0);
        }

        var ready = (await anonymous.Get("/health/ready")).Is(503);
        (await anonymous.Get("/health/live")).Is(200);
        Assert.Equal("unhealthy", ready["parts"]!["postgresql"]!["status"]!.GetValue<string>());
        Assert.DoesNotContain("127.0.0.1", ready.Body, StringComparison.Ordinal);

        app.Wire.Mend();
        (await alice.Post("/api/tasks", new { title = "later" }, key)).Is(201);
        app.ASecondPasses();
        (await anonymous.Get("/health/ready")).Is(200);
        Assert.Equal(["kept", "later"], (await alice.Get("/api/tasks?sort_by=title&order=asc")).Is(200).Json.AsArray().Select(Title));
    }

    private static string Title(JsonNode? task) => task!["title"]!.GetValue<string>();
}
