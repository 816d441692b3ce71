using System.Text.Json.Nodes;
using TodoFlow.Domain.Notifications;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Integration.Realtime;

/// <summary>An application with a hub of its own.</summary>
public class RealtimeApp : TestApp
{
    private string? _urls;

    /// <summary>Connects a device of a user's.</summary>
    public static Task<HubDevice> Connect(ApiClient user) => HubDevice.Connect(new Uri(user.Address, "/api/notifications"), user.Token);

    /// <summary>Negotiates.</summary>
    public static async Task<(Uri Url, string Token)> Negotiate(ApiClient user)
    {
        var answer = (await user.Post("/api/notifications/negotiate")).Is(200);
        return (new Uri(answer.Text("url")), answer.Text("accessToken"));
    }

    /// <summary>Raises a notification, as the channel <c>realtime</c> does.</summary>
    public async Task Push(Guid user, Guid task, string title, Guid? reminder = null)
    {
        await using var work = await Host.Services.GetRequiredService<UnitOfWorkFactory>().Begin(CancellationToken.None);
        var now = DateTimeOffset.UtcNow;
        work.Raise(new NotificationPushed(Guid.CreateVersion7(), reminder, task, user, title, "It is time", now, Late: false, now, now));
        await work.Commit(CancellationToken.None);
    }

    /// <summary>The user's id.</summary>
    public static async Task<Guid> IdOf(ApiClient user) => (await user.Get("/api/me")).Is(200).Id;

    /// <summary>Stops the host and starts another at the same address.</summary>
    public async Task Restart()
    {
        _urls = Address.ToString();
        await StopHost();
        await StartHost();
    }

    /// <inheritdoc/>
    protected override void Configure(HostApplicationOptions options) => options.Settings["urls"] = _urls ?? options.Settings["urls"];

    /// <summary>The argument of a message to a device.</summary>
    public static JsonNode Argument(JsonNode message) => message["arguments"]![0]!;
}
