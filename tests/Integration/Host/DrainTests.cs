using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using TodoFlow.Host;
using TodoFlow.Host.Lifetime;
using TodoFlow.Infrastructure.Health;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Host;

/// <summary>A host that ends while clients hold connections to it, as at each deployment.</summary>
public sealed class DrainTests(DrainTests.App app) : IClassFixture<DrainTests.App>
{
    private const int Restarts = 10, Clients = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Two_hosts_are_restarted_in_turn_and_every_request_over_a_persistent_connection_is_answered()
    {
        await using var second = new Other(await app.StartAnother());
        var ready = new ConcurrentDictionary<Uri, bool> { [app.Address] = true, [second.App.Address] = true };
        using var over = new CancellationTokenSource();
        using var user = await app.SignUp();
        var clients = Enumerable.Range(0, Clients).Select(number => Task.Run(() => Send(ready, user.Token!, number, over.Token))).ToList();
        for (var restart = 0; restart < Restarts; restart++)
        {
            foreach (var host in new[] { app, second.App })
            {
                var stopped = host.Host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
                var ended = host.Host.Services.GetRequiredService<Drain>().Begin();
                Assert.False((await host.Host.Services.GetRequiredService<Readiness>().Check(default)).CanServe);
                ready.TryRemove(host.Address, out _); // as its readiness tells the balancer
                await ended.WaitAsync(Patience);
                Assert.True(stopped.IsCancellationRequested);
                await host.StopHost();
                await host.StartHost();
                ready[host.Address] = true;
            }
        }

        await over.CancelAsync();
        var sent = await Task.WhenAll(clients).WaitAsync(Patience);
        Assert.All(sent, one => Assert.True(one.Answered > Restarts, $"{one.Answered} answers over {one.Connections} connections"));
        Assert.All(sent, one => Assert.True(one.Connections > 1 && one.Connections < one.Answered, $"{one.Connections} connections for {one.Answered} answers"));
    }

    [Fact]
    public async Task Devices_are_told_to_connect_again_while_requests_are_served_and_the_consumers_have_stopped()
    {
        await using var other = new Other(await app.StartAnother());
        using var ada = await app.SignUp();
        using var there = new ApiClient(other.App.Address, ada.Token);
        await using var device = await HubDevice.Connect(new Uri(there.Address, "/api/notifications"), ada.Token);

        var ended = other.App.Host.Services.GetRequiredService<Drain>().Begin();
        await device.Next("reconnecting");
        var answer = (await there.Get("/api/me")).Is(200);

        Assert.Equal("close", answer.Header("Connection"));
        (await there.Get("/health/ready")).Is(503);
        (await there.Get("/health/live")).Is(200);
        (await there.Post("/hubs/notifications/negotiate")).IsProblem(503, "stopping");
        await ended.WaitAsync(Patience);
        (await (await app.SignUp()).Get("/api/me")).Is(200);
    }

    [Fact]
    public async Task A_second_signal_stops_at_once()
    {
        await using var other = new Other(await app.StartAnother());
        var drain = other.App.Host.Services.GetRequiredService<Drain>();
        var stopping = other.App.Host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

        var first = drain.Begin();
        Assert.False(stopping.IsCancellationRequested);
        await drain.Begin();

        Assert.True(stopping.IsCancellationRequested);
        await first.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_host_without_a_time_to_drain_stops_at_once()
    {
        app.TimeOfAnother = "00:00:00";
        await using var other = new Other(await app.StartAnother());
        app.TimeOfAnother = App.Time;
        var drain = other.App.Host.Services.GetRequiredService<Drain>();

        await drain.Begin();

        Assert.False(drain.Begun.IsCancellationRequested);
        Assert.True(other.App.Host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    // One request after the other, as clients do that keep their connection: they ask until the response says that it ends.
    private static async Task<(int Answered, int Connections)> Send(ConcurrentDictionary<Uri, bool> ready, string token, int number, CancellationToken over)
    {
        var (answered, connections) = (0, 0);
        while (!over.IsCancellationRequested)
        {
            var hosts = ready.Keys.ToArray();
            var address = hosts[connections++ % hosts.Length];
            using var client = new TcpClient(address.Host, address.Port);
            await using var stream = client.GetStream();
            using var lines = new StreamReader(stream, Encoding.Latin1);
            for (var open = true; open && !over.IsCancellationRequested;)
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET /api/tasks?offset={number} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {token}\r\n\r\n"), CancellationToken.None);
                open = await Read(lines).WaitAsync(Patience, CancellationToken.None);
                answered++;
                await Task.Delay(TimeSpan.FromMilliseconds(30), CancellationToken.None);
            }
        }

        return (answered, connections);
    }

    // Whether the connection stays open.
    private static async Task<bool> Read(StreamReader lines)
    {
        Assert.Equal("HTTP/1.1 200 OK", await lines.ReadLineAsync());
        var (open, length) = (true, 0);
        while (await lines.ReadLineAsync() is { Length: > 0 } header)
        {
            open &= !header.Equals("Connection: close", StringComparison.OrdinalIgnoreCase);
            length = header.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase) ? int.Parse(header[16..], CultureInfo.InvariantCulture) : length;
        }

        Assert.Equal(length, await lines.ReadBlockAsync(new char[length]));
        return open;
    }

    private sealed record Other(TestApp App) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await App.StopHost();
    }

    public sealed class App : TestApp
    {
        public const string Time = "00:00:00.5";

        private string _time = Time;

        public string TimeOfAnother { get; set; } = Time;

        protected override TestApp Another() => new App { _time = TimeOfAnother };

        protected override void Configure(HostApplicationOptions options) => options.Settings["Host:DrainTime"] = _time;
    }
}
