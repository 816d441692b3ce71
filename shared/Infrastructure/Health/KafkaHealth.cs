using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Kafka;

namespace TodoFlow.Infrastructure.Health;

/// <summary>
/// Whether Kafka answers and has the topics. An instance that never reached it is not ready: its settings may be wrong. One that did
/// stays ready through an outage, since requests are served without it: events wait in the outbox, and consumers for the brokers.
/// </summary>
public sealed class KafkaHealth(IAdminClient admin, Topics topics) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private volatile bool reached;

    /// <summary>The client that asks, and creates topics. It connects when it is first used.</summary>
    public static IAdminClient Admin(KafkaSettings settings) =>
        new AdminClientBuilder(settings.ToClientConfig())
            .SetErrorHandler(static (_, _) => { }) // every call tells its own failure
            .SetLogHandler(static (_, _) => { })
            .Build();

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var known = await Task.Run(() => admin.GetMetadata(Patience), cancellationToken);
            var missing = topics.OnBroker.Except(known.Topics.Where(topic => !topic.Error.IsError).Select(topic => topic.Topic)).ToList();
            reached |= missing.Count == 0;
            return missing.Count == 0 ? HealthCheckResult.Healthy() : Failing($"It lacks the topics {string.Join(", ", missing)}.");
        }
        catch (Exception error) when (error is KafkaException or OperationCanceledException)
        {
            return Failing("It cannot be reached.");
        }
    }

    private HealthCheckResult Failing(string reason) => reached ? HealthCheckResult.Degraded(reason) : HealthCheckResult.Unhealthy(reason);
}
