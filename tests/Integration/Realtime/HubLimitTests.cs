using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;
using TodoFlow.Host;
using TodoFlow.Host.Invocation;
using TodoFlow.Host.Realtime;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Realtime;

/// <summary>What the hub does about devices that ask too much of it, and what it says about itself.</summary>
public sealed class HubLimitTests(HubLimitTests.App app) : IClassFixture<HubLimitTests.App>
{
    private const int SendBuffer = 64 * 1024;

    [Fact]
    public async Task A_device_that_stops_reading_is_cut_off_and_holds_nobody_up()
    {
        using var ada = await app.SignUp();
        var user = (await RealtimeApp.IdOf(ada)).ToString();
        await using var host = await app.StartAnother(("Realtime:SendBuffer", $"{SendBuffer}"));
        using var measured = new Measured(host);
        var (_, token) = await RealtimeApp.Negotiate(ada);
        using var slow = await HubClient.Connect(Hub(host), token, receiveBuffer: 4096);
        await measured.Reaches("todoflow.realtime.connections", 1);
        var device = Assert.Single(host.Services.GetRequiredService<Devices>().Of(user));
        using var fast = await HubClient.Connect(Hub(host), token);
        var sender = host.Services.GetRequiredService<ISignalRSender>();
        var text = new string('x', SendBuffer / 4);

        var sent = 0;
        while (measured.Sum("todoflow.realtime.dropped_clients") == 0)
        {
            Assert.InRange(sent++, 0, 2000); // 32 MiB: more than any system holds for a connection
            await sender.Send(new SignalROutputAttribute(), [new("test", [text]) { UserId = user }], CancellationToken.None);
            Assert.InRange(device.WaitingBytes, 0, SendBuffer);
            Assert.Equal(text, RealtimeApp.Argument(await fast.Next()).GetValue<string>()); // each comes through at once
        }

        await measured.Reaches("todoflow.realtime.connections", 1);
        Assert.Equal(0, device.WaitingBytes);
        await Assert.ThrowsAnyAsync<WebSocketException>(async () =>
        {
            for (var i = 0; i <= sent; i++)
            {
                await slow.Next();
            }
        });
        Assert.InRange(measured.Sum("todoflow.realtime.messages"), sent, 2 * sent);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_user_has_no_more_connections_than_the_settings_allow()
    {
        using var ada = await app.SignUp();
        await using var host = await app.StartAnother(("Realtime:ConnectionsPerUser", "2"));
        using var measured = new Measured(host);
        var (_, token) = await RealtimeApp.Negotiate(ada);
        using var one = await HubClient.Connect(Hub(host), token);
        using (await HubClient.Connect(Hub(host), token))
        {
            await measured.Reaches("todoflow.realtime.connections", 2);
            using var third = new ApiClient(host.Address, token);
            Assert.Equal("60", (await third.Post("/hubs/notifications/negotiate")).IsProblem(429, "too_many_connections").Header("Retry-After"));
        }

        await measured.Reaches("todoflow.realtime.connections", 1);
        using var again = await HubClient.Connect(Hub(host), token);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_connection_ends_when_its_time_is_over()
    {
        await using var host = await app.StartAnother(("Realtime:ConnectionLifetime", "00:00:01"));
        using var ada = await app.SignUp();
        var (_, token) = await RealtimeApp.Negotiate(ada);
        using var device = await HubClient.Connect(Hub(host), token);
        await Assert.ThrowsAnyAsync<WebSocketException>(device.Next).WaitAsync(TimeSpan.FromMinutes(2));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_session_can_be_ended_while_its_devices_leave()
    {
        using var ada = await app.SignUp();
        await using var host = await app.StartAnother();
        var sessions = host.Services.GetRequiredService<LiveSessions>();
        var user = await RealtimeApp.IdOf(ada);
        for (var round = 0; round < 60; round++)
        {
            var (_, token) = await RealtimeApp.Negotiate(ada);
            var devices = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => HubClient.Connect(Hub(host), token)));
            var go = new TaskCompletionSource();
            var leaving = devices.Select(device => Task.Run(async () =>
            {
                await go.Task;
                device.Dispose();
            })).ToList();
            var ending = Task.Run(async () =>
            {
                await go.Task;
                await sessions.End(user, [], all: true, accountGone: false, CancellationToken.None);
            });
            go.SetResult();
            await Task.WhenAll([.. leaving, ending]);
        }

        await host.StopAsync();
    }

    [Fact]
    public async Task The_token_is_never_logged()
    {
        using var lines = new EveryLine();
        await using var host = await app.StartAnother(
            lines, ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft", "Trace"),
            ("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "Trace"));
        using var ada = await app.SignUp();
        var (_, token) = await RealtimeApp.Negotiate(ada);
        using (await HubClient.Connect(Hub(host), token))
        using (var anonymous = new ApiClient(host.Address, null))
        {
            await anonymous.Get($"/hubs/notifications?access_token={token}x");
            await anonymous.Post($"/hubs/notifications/negotiate?access_token={token}");
            await anonymous.Get($"/hubs?access_token={token}");
        }

        await host.StopAsync();
        Assert.Contains(lines.Texts, text => text.Contains("/hubs/notifications", StringComparison.Ordinal));
        Assert.DoesNotContain(lines.Texts, text => text.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_an_external_issuer_alone_the_hub_needs_a_key_of_its_own()
    {
        (string, string)[] settings = [("Auth:SigningKeys:0:Id", ""), ("Auth:SigningKeys:0:Key", ""), ("Auth:Authority", "https://issuer.example.com"), ("Auth:Audience", "todoflow")];
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAnother(settings));
        Assert.Contains("Realtime:SigningKey is not set", error.Message, StringComparison.Ordinal);

        await using var host = await app.StartAnother([.. settings, ("Realtime:SigningKey", "a key of the hub alone, 32 bytes and more")]);
        await host.StopAsync();
    }

    [Fact]
    public async Task What_happens_before_the_handshake_is_done_is_told_after_it()
    {
        using var ada = await app.SignUp();
        await using var host = await app.StartAnother();
        using var measured = new Measured(host);
        using var device = await HubClient.Open(Hub(host), (await RealtimeApp.Negotiate(ada)).Token);
        await measured.Reaches("todoflow.realtime.connections", 1);

        await host.Services.GetRequiredService<ISignalRSender>().Send(
            new SignalROutputAttribute(),
            [new("early", [1]) { UserId = $"{await RealtimeApp.IdOf(ada)}" }, new("early", [2]) { UserId = $"{await RealtimeApp.IdOf(ada)}" }],
            CancellationToken.None);
        Assert.Equal(0, measured.Sum("todoflow.realtime.messages"));
        await device.ShakeHands();

        Assert.Equal(1, RealtimeApp.Argument(await device.Next()).GetValue<int>());
        Assert.Equal(2, RealtimeApp.Argument(await device.Next()).GetValue<int>());
        await measured.Reaches("todoflow.realtime.messages", 2);
        await host.StopAsync();
    }

    private static Uri Hub(HostApplication host) => new(host.Address, "/hubs/notifications");

    /// <summary>Whose tests have hosts of their own.</summary>
    public sealed class App : RealtimeApp
    {
        /// <summary>Starts one more host on the database.</summary>
        public Task<HostApplication> StartAnother(params (string Name, string Value)[] settings) => StartAnother(null, settings);

        /// <summary>Starts one more host on the database, that logs.</summary>
        public async Task<HostApplication> StartAnother(ILoggerProvider? log, params (string Name, string Value)[] settings)
        {
            var host = HostApplication.Build(options =>
            {
                options.Settings["urls"] = "http://127.0.0.1:0";
                options.Settings["ConnectionStrings:TodoFlow"] = Database.ConnectionString;
                options.Settings["Auth:SigningKeys:0:Id"] = "test";
                options.Settings["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more";
                foreach (var (name, value) in settings)
                {
                    if (value.Length == 0)
                    {
                        options.Settings.Remove(name);
                    }
                    else
                    {
                        options.Settings[name] = value;
                    }
                }

                options.ConfigureLogging = logging =>
                {
                    logging.ClearProviders();
                    if (log is not null)
                    {
                        logging.AddProvider(log);
                    }
                };
            });
            await host.StartAsync();
            return host;
        }
    }

    private sealed class EveryLine : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Texts { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Texts.Enqueue($"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Texts.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
