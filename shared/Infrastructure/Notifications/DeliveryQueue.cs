using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Notifications;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>The queues of deliveries, one for each channel that is not delivered by storing its notification alone.</summary>
public sealed class DeliveryQueues : IHostedService, IDisposable
{
    private readonly List<DeliveryQueue> _queues;

    /// <summary>Makes a queue for each channel that is configured.</summary>
    public DeliveryQueues(
        ConfiguredChannels channels, [Background] IDbContextFactory<TodoFlowDb> contexts, UnitOfWorkFactory units, [Background] NpgsqlDataSource database, IOptions<NotificationSettings> settings,
        NotificationMetrics metrics, TimeProvider clock, ILoggerFactory logs)
    {
        var claims = new DeliveryClaims(contexts, database, settings, clock);
        var results = new DeliveryResults(units, metrics, clock);
        _queues =
        [
            NewQueue(Channels.Realtime, null), // what quiet hours deferred
            .. channels.External.Select(channel => NewQueue(channel.Name, channel)),
        ];

        DeliveryQueue NewQueue(string name, INotificationChannel? channel) =>
            new(name, channel, claims, results, settings, clock, logs.CreateLogger<DeliveryQueue>());
    }

    /// <summary>Says that there are new deliveries, once they are committed. Returns at once.</summary>
    public void Kick() => _queues.ForEach(queue => queue.Kick());

    /// <summary>Takes up what is due, whoever made it, and sleeps towards what falls due until the next sweep.</summary>
    /// <param name="untilNext">How long it takes until the next sweep, with something to spare.</param>
    /// <param name="ct">Ends the wait; the work goes on.</param>
    public Task Sweep(TimeSpan untilNext, CancellationToken ct) => Task.WhenAll(_queues.Select(queue => queue.Sweep(untilNext, ct)));

    /// <summary>Completes when no try is under way.</summary>
    public Task WhenIdle() => Task.WhenAll(_queues.Select(queue => queue.WhenIdle()));

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(_queues.Select(queue => queue.StartAsync(cancellationToken)));

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_queues.Select(queue => queue.StopAsync(cancellationToken)));

    /// <inheritdoc/>
    public void Dispose() => _queues.ForEach(queue => queue.Dispose());
}

/// <summary>
/// Sends what is due over one channel, so that a slow channel holds up no other. A round claims as many deliveries as may be sent at
/// once and leaves them to their tries; each that ends kicks the next round. So a lease begins with its try, and covers it.
/// </summary>
internal sealed partial class DeliveryQueue(
    string name, INotificationChannel? channel, DeliveryClaims claims, DeliveryResults results, IOptions<NotificationSettings> settings,
    TimeProvider clock, ILogger<DeliveryQueue> log) : DueQueue(clock, log)
{
    // What is due but locked is another process's, which claims it at this moment.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenStores = TimeSpan.FromSeconds(1);

    // A channel whose time is over may still say what came of it; one that does not end is left behind.
    private static readonly TimeSpan ToEnd = TimeSpan.FromSeconds(2);

    private readonly string _spanName = $"deliver {name}";
    private readonly ConcurrentDictionary<Guid, Task> _tries = new();
    private readonly CancellationTokenSource _abort = new();

    /// <summary>Completes when no try is under way.</summary>
    public async Task WhenIdle()
    {
        while (_tries.Values.FirstOrDefault() is { } one)
        {
            await one;
        }
    }

    /// <summary>Takes up nothing more, and waits for the tries that are under way.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await WhenIdle().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await _abort.CancelAsync(); // their leases run out, and others try again
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _abort.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task<DateTimeOffset?> DoWhatIsDue(CancellationToken ct)
    {
        while (true)
        {
            var free = settings.Value.Concurrency - _tries.Count;
            if (free <= 0)
            {
                return null; // the first try that ends kicks
            }

            var next = await claims.NextDue(name, ct);
            if (next is null || next > Clock.GetUtcNow())
            {
                return next;
            }

            var (claimed, putAside) = await claims.Claim(name, free, ct);
            foreach (var delivery in claimed)
            {
                Begin(delivery);
            }

            if (claimed.Count + putAside == 0)
            {
                return Clock.GetUtcNow() + LookAgain;
            }
        }
    }

    private void Begin(ClaimedDelivery delivery)
    {
        var key = Guid.NewGuid(); // a delivery may be claimed again while a try that lost its lease is still at it
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _tries[key] = Run();
        begin.SetResult();

        async Task Run()
        {
            await begin.Task;
            try
            {
                await Try(delivery, _abort.Token);
            }
            catch (OperationCanceledException) when (_abort.IsCancellationRequested)
            {
                // The process ends.
            }
            finally
            {
                _tries.TryRemove(key, out _);
                Kick();
            }
        }
    }

    private async Task Try(ClaimedDelivery delivery, CancellationToken ct)
    {
        using var span = StartSpan(delivery);
        var outcome = delivery.Refused is { } refused ? refused : await Send(delivery.Message, ct);
        if (outcome.Result == DeliveryResult.Retry && delivery.Message.Attempt >= DeliveryBackoff.MaxAttempts)
        {
            outcome = DeliveryOutcome.Failed(outcome.Reason ?? DeliveryClaims.Interrupted);
        }

        End(span, outcome);
        if (outcome.Result != DeliveryResult.Sent)
        {
            LogNotSent(name, delivery.Message.DeliveryId, delivery.Message.Attempt, outcome.Result, outcome.Reason);
        }

        // What is sent but not marked is sent again: as long as the lease lasts, a database that is away is waited for.
        while (true)
        {
            try
            {
                await results.Store(delivery, outcome, ct);
                return;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogNotStored(error, name, delivery.Message.DeliveryId);
                if (Clock.GetUtcNow() + BetweenStores >= delivery.LeasedUntil)
                {
                    return;
                }
            }

            await Task.Delay(BetweenStores, Clock, ct);
        }
    }

    private async Task<DeliveryOutcome> Send(DeliveryMessage message, CancellationToken ct)
    {
        if (channel is null)
        {
            return DeliveryOutcome.Sent; // by the transaction that marks it
        }

        using var timeout = new CancellationTokenSource(settings.Value.SendTimeout, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            return await channel.Send(message, either.Token).WaitAsync(settings.Value.SendTimeout + ToEnd, Clock, ct);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return DeliveryOutcome.Retry("timeout");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogThrew(error.GetType().Name, name, message.DeliveryId);
            return DeliveryOutcome.Retry("channel_error");
        }
    }

    // A client waits for the other side's reply. What is delivered by being announced is the producer's span below this one.
    private Activity? StartSpan(ClaimedDelivery delivery) => Telemetry
        .Resume(
            _spanName,
            channel is null || delivery.Refused is not null ? ActivityKind.Internal : ActivityKind.Client,
            delivery.TraceParent,
            delivery.CollapsedTraceParents)?
        .SetTag("todoflow.channel", name)
        .SetTag("todoflow.delivery.id", delivery.Message.DeliveryId)
        .SetTag("todoflow.delivery.attempt", delivery.Message.Attempt)
        .SetTag("todoflow.delivery.notifications", delivery.Message.Count);

    private static void End(Activity? span, DeliveryOutcome outcome)
    {
        span?.SetTag("todoflow.outcome", outcome.Word);
        if (outcome.Result is not (DeliveryResult.Sent or DeliveryResult.Cancelled))
        {
            span?.SetTag("error.type", outcome.Reason).SetStatus(ActivityStatusCode.Error, outcome.Reason);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Channel}: try {Attempt} of delivery {DeliveryId} ended with {Outcome}: {Reason}")]
    private partial void LogNotSent(string channel, Guid deliveryId, int attempt, DeliveryResult outcome, string? reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Channel}: what came of delivery {DeliveryId} cannot be stored now")]
    private partial void LogNotStored(Exception error, string channel, Guid deliveryId);

    // Without the exception's text, which may quote an address.
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Error} in channel {Channel} at delivery {DeliveryId}")]
    private partial void LogThrew(string error, string channel, Guid deliveryId);
}
