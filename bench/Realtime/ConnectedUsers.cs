using System.Diagnostics;
using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Realtime;

/// <summary>Users of a server, and their devices, connected over plain WebSockets.</summary>
internal sealed class ConnectedUsers(ServerProcess server) : IAsyncDisposable
{
    private static readonly TimeSpan BetweenPings = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly List<(HttpClient Http, Func<HttpClient, Task<(Uri Hub, string Token)>> Negotiate)> _users = [];
    private readonly List<HubClient[]> _devices = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _alive = Task.CompletedTask;
    private long _before, _connected;

    /// <summary>Adds one.</summary>
    /// <param name="http">Their client, which ends with this object.</param>
    /// <param name="negotiate">Says where a device of theirs connects.</param>
    public void Add(HttpClient http, Func<HttpClient, Task<(Uri Hub, string Token)>> negotiate) => _users.Add((http, negotiate));

    /// <summary>Connects so many devices of each, and keeps them alive.</summary>
    public async Task Connect(int devicesEach)
    {
        // What the process needs anyway is warm before the first measurement: one device of each user comes and goes.
        foreach (var user in _users)
        {
            using var device = await Open(user);
        }

        _before = server.ResidentBytes;
        foreach (var user in _users)
        {
            _devices.Add(await Task.WhenAll(Enumerable.Range(0, devicesEach).Select(_ => Open(user))));
        }

        _connected = server.ResidentBytes;
        _alive = KeepAlive();
    }

    /// <summary>Sends a change for one of the users, and waits until all of the user's devices know.</summary>
    public async Task<Arrival> Update(int number, Func<HttpClient, Task> send)
    {
        JsonNode? message = null;
        var index = number % _users.Count;
        var received = _devices[index].Select(async device =>
        {
            message = await device.Next();
            return Stopwatch.GetTimestamp();
        }).ToList();
        var started = Stopwatch.GetTimestamp();
        await send(_users[index].Http);
        var arrivals = await Task.WhenAll(received).WaitAsync(Longest);
        return new(
            Stopwatch.GetElapsedTime(started, arrivals.Min()).TotalMilliseconds, Stopwatch.GetElapsedTime(started, arrivals.Max()).TotalMilliseconds, message!);
    }

    /// <summary>What the server had resident before the devices came, once they were connected, and has now.</summary>
    public ConnectionMemory MeasuredMemory() => new(Mebibytes(_before), Mebibytes(_connected), Mebibytes(server.ResidentBytes));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _alive;
        foreach (var device in _devices.SelectMany(all => all))
        {
            device.Dispose();
        }

        _users.ForEach(user => user.Http.Dispose());
        _stop.Dispose();
    }

    private static async Task<HubClient> Open((HttpClient Http, Func<HttpClient, Task<(Uri Hub, string Token)>> Negotiate) user)
    {
        var (hub, token) = await user.Negotiate(user.Http);
        return await HubClient.Connect(hub, token);
    }

    private async Task KeepAlive()
    {
        try
        {
            while (true)
            {
                await Task.Delay(BetweenPings, _stop.Token);
                await Task.WhenAll(_devices.SelectMany(all => all).Select(device => device.Ping()));
            }
        }
        catch (OperationCanceledException)
        {
            // It is measured.
        }
    }

    private static double Mebibytes(long bytes) => bytes / 1048576.0;
}

/// <summary>When a change reached the devices of its user.</summary>
/// <param name="First">Milliseconds from sending the request to the first device.</param>
/// <param name="Last">Milliseconds from sending the request to the last device.</param>
/// <param name="Message">What they read.</param>
internal sealed record Arrival(double First, double Last, JsonNode Message);

/// <summary>What a server had resident, in MiB.</summary>
/// <param name="Before">Before the devices came.</param>
/// <param name="Connected">With all of them connected.</param>
/// <param name="After">After all updates; the runtime gives back what it does not need only when the machine is short of it.</param>
public sealed record ConnectionMemory(double Before, double Connected, double After);
