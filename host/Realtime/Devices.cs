using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Realtime;

namespace TodoFlow.Host.Realtime;

/// <summary>The devices that are connected to this host.</summary>
internal sealed class Devices(IOptions<RealtimeSettings> settings, RealtimeMetrics metrics) : ISessionListener
{
    private readonly ConcurrentDictionary<string, ImmutableArray<Device>> _byUser = new(StringComparer.Ordinal);

    /// <summary>The devices of a user.</summary>
    public ImmutableArray<Device> Of(string userId) => _byUser.GetValueOrDefault(userId, []);

    /// <summary>Whether a user has as many connections as one may have.</summary>
    public bool IsFull(string userId) => Of(userId).Length >= settings.Value.ConnectionsPerUser;

    /// <summary>All devices.</summary>
    public IEnumerable<Device> All => _byUser.Values.SelectMany(devices => devices);

    /// <summary>Adds a device, to whom everything is told from here on. One too many, of several that asked before any was there, is cut.</summary>
    /// <param name="subject">The user, and the session that it is connected with.</param>
    /// <param name="cut">Cuts its connection.</param>
    public Device Add(AccessTokenSubject subject, Action cut)
    {
        var device = new Device(subject, cut, settings.Value.SendBuffer, metrics);
        var all = _byUser.AddOrUpdate(device.UserId, static (_, added) => [added], static (_, others, added) => others.Add(added), device);
        metrics.Opened();
        if (all.IndexOf(device) >= settings.Value.ConnectionsPerUser)
        {
            device.Cut();
        }

        return device;
    }

    /// <inheritdoc/>
    public Task Ended(Guid user, Guid? session, CancellationToken ct)
    {
        foreach (var device in Of(user.ToString()).Where(device => session is null || device.Subject.SessionId == session))
        {
            device.Cut();
        }

        return Task.CompletedTask;
    }

    /// <summary>Removes a device whose connection has ended.</summary>
    public void Remove(Device device)
    {
        device.Close();
        while (_byUser.TryGetValue(device.UserId, out var all))
        {
            var others = all.Remove(device);
            var done = others.IsEmpty
                ? _byUser.TryRemove(KeyValuePair.Create(device.UserId, all))
                : _byUser.TryUpdate(device.UserId, others, all);
            if (done)
            {
                break;
            }
        }

        metrics.Closed();
    }
}
