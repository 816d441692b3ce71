using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>A device with SignalR's own client: it connects by the redirect of the negotiation, and comes back by itself.</summary>
public sealed class HubDevice : IAsyncDisposable
{
    private readonly Channel<(string What, JsonNode? Message)> _heard = Channel.CreateUnbounded<(string, JsonNode?)>();
    private readonly HubConnection _connection;

    private HubDevice(Uri url, string? token)
    {
        _connection = new HubConnectionBuilder()
            .WithUrl(url, HttpTransportType.WebSockets, options => options.AccessTokenProvider = () => Task.FromResult(token))
            .WithAutomaticReconnect(new SoonAgain())
            .Build();
        foreach (var target in new[] { "task_update", "reminder" })
        {
            _connection.On<JsonNode>(target, message => _heard.Writer.TryWrite((target, message)));
        }

        _connection.Reconnecting += _ => Note("reconnecting");
        _connection.Reconnected += _ => Note("reconnected");
        _connection.Closed += _ => Note("closed");
    }

    /// <summary>Connects.</summary>
    /// <param name="url">What is negotiated with: <c>/api/notifications</c>, or the hub itself.</param>
    /// <param name="token">The token for it.</param>
    public static async Task<HubDevice> Connect(Uri url, string? token)
    {
        var device = new HubDevice(url, token);
        try
        {
            await device._connection.StartAsync();
            return device;
        }
        catch
        {
            await device.DisposeAsync();
            throw;
        }
    }

    /// <summary>What it is told next, which must be this: the argument of the message.</summary>
    /// <param name="wanted">The message's target, or <c>reconnecting</c>, <c>reconnected</c>, <c>closed</c>.</param>
    public async Task<JsonNode> Next(string wanted)
    {
        var (what, message) = await _heard.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(what == wanted, $"Not {wanted}: {what} {message}");
        return message ?? new JsonObject();
    }

    /// <summary>Calls a method of the hub.</summary>
    public Task Invoke(string method) => _connection.InvokeAsync(method);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private Task Note(string what)
    {
        _heard.Writer.TryWrite((what, null));
        return Task.CompletedTask;
    }

    private sealed class SoonAgain : IRetryPolicy
    {
        public TimeSpan? NextRetryDelay(RetryContext retryContext) => TimeSpan.FromMilliseconds(100);
    }
}
