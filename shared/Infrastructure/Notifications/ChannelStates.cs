using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Notifications;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>Whether a channel would reach a user now.</summary>
/// <param name="Channel">Its name.</param>
/// <param name="Enabled">Whether the user wants it.</param>
/// <param name="Available">Whether it is configured, and knows where to reach the user.</param>
/// <param name="Reason">Why it is not available: <c>not_configured</c>, <c>no_address</c>, <c>address_unverified</c> or <c>no_subscription</c>.</param>
public sealed record ChannelState(
    string Channel, bool Enabled, bool Available, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason);

/// <summary>The channels that are configured.</summary>
public sealed class ConfiguredChannels(IEnumerable<INotificationChannel> channels)
{
    /// <summary>Those that deliver through somebody else's server, and are configured.</summary>
    public IReadOnlyList<INotificationChannel> External { get; } = [.. channels];

    /// <summary>The names of all that are configured.</summary>
    public IReadOnlyList<string> Names => [Channels.InApp, Channels.Realtime, .. External.Select(channel => channel.Name)];

    /// <summary>Tells of each channel whether it would reach a user.</summary>
    public async Task<List<ChannelState>> StatesOf(TodoFlowDb db, NotificationPreference preference, CancellationToken ct)
    {
        var states = new List<ChannelState>();
        foreach (var name in Channels.All)
        {
            var external = External.FirstOrDefault(channel => channel.Name == name);
            var reason = name switch
            {
                Channels.InApp or Channels.Realtime => null,
                _ when external is null => "not_configured",
                _ when (await external.FindReachable(db, [preference.UserId], ct)).Count > 0 => null,
                Channels.WebPush => "no_subscription",
                _ => await db.Users.AnyAsync(user => user.Id == preference.UserId && user.Email != "", ct) ? "address_unverified" : "no_address",
            };
            states.Add(new(name, preference.Enables(name), reason is null, reason));
        }

        return states;
    }
}
