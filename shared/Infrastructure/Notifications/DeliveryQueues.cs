using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Domain.Notifications;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>The queues of deliveries, one for each channel that is not delivered by storing its notification alone.</summary>
public sealed class DeliveryQueues : IHostedService, IDisposable
{
    private readonly List<DeliveryQueue> queues;

    /// <summary>Makes a queue for each channel that is configured.</summary>
    public DeliveryQueues(
        ConfiguredChannels channels, IDbContextFactory<TodoFlowDb> contexts, UnitOfWorkFactory units, NpgsqlDataSource database, IOptions<NotificationSettings> settings,
        NotificationMetrics metrics, TimeProvider clock, ILoggerFactory logs)
    {
        var claims = new DeliveryClaims(contexts, database, settings, clock);
        var results = new DeliveryResults(units, metrics, clock);
        queues =
        [
            NewQueue(Channels.Realtime, null), // what quiet hours deferred
            .. channels.External.Select(channel => NewQueue(channel.Name, channel)),
        ];

        DeliveryQueue NewQueue(string name, INotificationChannel? channel) =>
            new(name, channel, claims, results, settings, clock, logs.CreateLogger<DeliveryQueue>());
    }

    /// <summary>Says that there are new deliveries, once they are committed. Returns at once.</summary>
    public void Kick() => queues.ForEach(queue => queue.Kick());

    /// <summary>Takes up what is due, whoever made it, and sleeps towards what falls due until the next sweep.</summary>
    /// <param name="untilNext">How long it takes until the next sweep, with something to spare.</param>
    /// <param name="ct">Ends the wait; the work goes on.</param>
    public Task Sweep(TimeSpan untilNext, CancellationToken ct) => Task.WhenAll(queues.Select(queue => queue.Sweep(untilNext, ct)));

    /// <summary>Completes when no try is under way.</summary>
    public Task WhenIdle() => Task.WhenAll(queues.Select(queue => queue.WhenIdle()));

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(queues.Select(queue => queue.StartAsync(cancellationToken)));

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(queues.Select(queue => queue.StopAsync(cancellationToken)));

    /// <inheritdoc/>
    public void Dispose() => queues.ForEach(queue => queue.Dispose());
}
