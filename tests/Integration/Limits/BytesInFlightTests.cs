using System.Text;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Limits;

/// <summary>How many bytes of requests and responses a process holds at once.</summary>
public sealed class BytesInFlightTests(BytesInFlightTests.App app) : IClassFixture<BytesInFlightTests.App>
{
    private const int Allowed = 4 * 1024 * 1024;

    private BytesInFlight InFlight => app.Host.Services.GetRequiredService<BytesInFlight>();

    [Fact]
    public async Task A_body_is_refused_while_the_process_holds_as_much_as_it_may()
    {
        using var alice = await app.SignUp();
        var body = new { title = "a", description = new string('x', 5000) };
        using (var others = new RequestBytes(InFlight))
        {
            others.Take(Allowed - 5000);
            RequireBusy(await alice.Post("/api/tasks", body));
            (await alice.Post("/api/tasks", new { title = "a" })).Is(201); // which is shorter
        }

        (await alice.Post("/api/tasks", body)).Is(201);
        await RequireNothingHeld();
    }

    [Fact]
    public async Task A_list_is_refused_while_the_process_holds_as_much_as_it_may()
    {
        using var alice = await app.SignUp();
        for (var i = 0; i < 10; i++)
        {
            (await alice.Post("/api/tasks", new { title = "a", description = new string('x', 10_000) })).Is(201);
        }

        using (var others = new RequestBytes(InFlight))
        {
            others.Take(Allowed - 100_000);
            RequireBusy(await alice.Get("/api/tasks"));
            RequireBusy(await alice.Post("/api/tasks/search", new { query = "a" }));
            Assert.Equal(2, (await alice.Get("/api/tasks?limit=2")).Is(200).Json.AsArray().Count);
        }

        Assert.Equal(10, (await alice.Get("/api/tasks")).Is(200).Json.AsArray().Count);
        await RequireNothingHeld();
    }

    [Fact]
    public async Task What_is_refused_or_wrong_gives_back_what_it_held()
    {
        using var alice = await app.SignUp();
        (await alice.Post("/api/tasks", new { title = new string('x', 10_000) })).Is(400);
        (await alice.Post("/api/tasks", "{")).Is(400);
        (await alice.Post("/api/tasks", new string(' ', 2 * 1024 * 1024))).Is(413);
        await RequireNothingHeld();
    }

    [Fact]
    public async Task A_length_that_is_only_said_takes_nothing()
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(app.Address.Host, app.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/auth/login HTTP/1.1\r\nHost: {app.Address.Authority}\r\nContent-Type: application/json\r\nContent-Length: 1048576\r\n\r\n{{"));
        using var alice = await app.SignUp();
        (await alice.Get("/api/tasks")).Is(200);

        Assert.InRange(InFlight.Taken, 0, 1024);
    }

    private static void RequireBusy(ApiAnswer answer)
    {
        answer.IsProblem(503, "too_many_bytes_in_flight");
        Assert.Equal("1", answer.Header("Retry-After"));
    }

    // A request's scope ends just after its response.
    private Task RequireNothingHeld() => Eventually.Holds(() => InFlight.Taken == 0);

    /// <summary>An application that may hold little.</summary>
    public sealed class App : TestApp
    {
        protected override void Configure(HostApplicationOptions options)
        {
            UndeliveredApp.ServeRequestsOnly(options);
            options.Settings["Memory:BytesInFlight"] = $"{Allowed}";
        }
    }
}
