using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using TodoFlow.Host;
using TodoFlow.Host.Configuration;
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
        var balancer = new Balancer(app.Address, second.App.Address);
        using var over = new CancellationTokenSource();
        using var user = await app.SignUp();
        var clients = Enumerable.Range(0, Clients).Select(number => Task.Run(() => Send(balancer, user.Token!, number, over.Token))).ToList();
        for (var restart = 0; restart < Restarts; restart++)
        {
            foreach (var host in new[] { app, second.App })
            {
                var stopped = host.Host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
                var drain = host.Host.Services.GetRequiredService<Drain>();
                var ended = drain.Begin();
                Assert.False((await host.Host.Services.GetRequiredService<Readiness>().Check(default)).CanServe);
                balancer.Remove(host.Address); // as its readiness tells it
                await Eventually.Holds(() => balancer.Connections(host.Address) == 0);
                Assert.False(stopped.IsCancellationRequested);
                await drain.Begin();
                await ended.WaitAsync(Patience);
                await host.StopHost();
                await host.StartHost();
                balancer.Add(host.Address);
            }
        }

        await over.CancelAsync();
        var sent = await Task.WhenAll(clients).WaitAsync(Patience);
        Assert.True(sent.Sum(one => one.Answered) > Restarts * Clients);
        Assert.True(sent.Sum(one => one.Connections) < sent.Sum(one => one.Answered), "Each request had a connection of its own.");
    }

    [Fact]
    public async Task It_ends_when_its_time_is_over()
    {
        var clock = new FakeClock();
        using var lifetime = new Lifetime();
        var settings = HostSettings.Read(new ConfigurationBuilder().AddInMemoryCollection([new("Host:DrainTime", "00:00:05")]).Build());
        using var drain = new Drain(settings, lifetime, clock, NullLogger<Drain>.Instance);

        var ended = drain.Begin();
        clock.Advance(TimeSpan.FromMilliseconds(4999));
        Assert.False(lifetime.ApplicationStopping.IsCancellationRequested);
        clock.Advance(TimeSpan.FromMilliseconds(1));

        await ended.WaitAsync(Patience);
        Assert.True(lifetime.ApplicationStopping.IsCancellationRequested);
    }

    // The host itself listens without TLS, where Kestrel speaks HTTP/1.1: this is for hosts that are put together otherwise.
    [Fact]
    public async Task A_connection_of_HTTP2_ends_too_and_every_request_of_it_is_answered()
    {
        using var lifetime = new Lifetime();
        using var drain = new Drain(HostSettings.Read(new ConfigurationBuilder().Build()), lifetime, new FakeClock(), NullLogger<Drain>.Instance);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        await using var server = builder.Build();
        server.Use(drain.EndConnections);
        server.Run(http => http.Response.WriteAsync("here"));
        await server.StartAsync();
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, ct) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler)
        {
            BaseAddress = new Uri(server.Urls.Single()),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        await GetMany();
        Assert.Equal(1, connections);
        var ended = drain.Begin();
        await GetMany();
        await GetMany();

        Assert.True(connections > 1, "The connection goes on.");
        await drain.Begin();
        await ended.WaitAsync(Patience);

        Task GetMany() => Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => Assert.Equal("here", await client.GetStringAsync(new Uri("/", UriKind.Relative)))));
    }

    [Fact]
    public async Task Devices_are_told_to_connect_again_while_requests_are_served_and_the_consumers_have_stopped()
    {
        await using var other = new Other(await app.StartAnother());
        using var ada = await app.SignUp();
        using var there = new ApiClient(other.App.Address, ada.Token);
        await using var device = await HubDevice.Connect(new Uri(there.Address, "/api/notifications"), ada.Token);

        var drain = other.App.Host.Services.GetRequiredService<Drain>();
        var ended = drain.Begin();
        await device.Next("reconnecting");
        var answer = (await there.Get("/api/me")).Is(200);

        Assert.Equal("close", answer.Header("Connection"));
        (await there.Get("/health/ready")).Is(503);
        (await there.Get("/health/live")).Is(200);
        (await there.Post("/hubs/notifications/negotiate")).IsProblem(503, "stopping");
        await drain.Begin();
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
    private static async Task<(int Answered, int Connections)> Send(Balancer balancer, string token, int number, CancellationToken over)
    {
        var (answered, connections) = (0, 0);
        while (!over.IsCancellationRequested)
        {
            var address = balancer.Connect(connections++);
            try
            {
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
            finally
            {
                balancer.Disconnected(address);
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

    /// <summary>Leads each new connection to a host that is ready, and knows how many each has.</summary>
    private sealed class Balancer(params Uri[] hosts)
    {
        private readonly Lock _sync = new();
        private readonly List<Uri> _ready = [.. hosts];
        private readonly Dictionary<Uri, int> _connections = []; // a host that is started again has another address

        public Uri Connect(int number)
        {
            lock (_sync)
            {
                var host = _ready[number % _ready.Count];
                _connections[host] = _connections.GetValueOrDefault(host) + 1;
                return host;
            }
        }

        public void Disconnected(Uri host)
        {
            lock (_sync)
            {
                _connections[host]--;
            }
        }

        public int Connections(Uri host)
        {
            lock (_sync)
            {
                return _connections.GetValueOrDefault(host);
            }
        }

        public void Add(Uri host)
        {
            lock (_sync)
            {
                _ready.Add(host);
            }
        }

        public void Remove(Uri host)
        {
            lock (_sync)
            {
                _ready.Remove(host);
            }
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }

    private sealed record Other(TestApp App) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await App.StopHost();
    }

    public sealed class App : TestApp
    {
        public const string Time = "00:10:00"; // a test ends it by a second signal

        private string _time = Time;

        public string TimeOfAnother { get; set; } = Time;

        protected override TestApp Another() => new App { _time = TimeOfAnother };

        protected override void Configure(HostApplicationOptions options) => options.Settings["Host:DrainTime"] = _time;
    }
}
