using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Kafka;

namespace TodoFlow.Infrastructure.Health;

/// <summary>
/// Whether Kafka answers and has the topics. An instance that never reached it is not ready: its settings may be wrong. One that did
/// stays ready through an outage, since requests are served without it: events wait in the outbox, and consumers for the brokers.
/// </summary>
public sealed class KafkaHealth(IAdminClient admin, Topics topics, BrokerErrors errors) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private volatile bool reached;

    /// <summary>The client that asks, and creates topics. It connects when it is first used.</summary>
    public static IAdminClient Admin(KafkaSettings settings, BrokerErrors errors) =>
        new AdminClientBuilder(settings.ToClientConfig())
            .SetErrorHandler((_, error) => errors.Add(error)) // every call tells that it failed, and not why
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
            if (missing.Count > 0)
            {
                return Failing(await WhyMissing(missing));
            }

            errors.Clear();
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is KafkaException or OperationCanceledException)
        {
            return Failing(errors.Cause ?? "It cannot be reached.");
        }
    }

    // The list of all topics leaves out those that the principal may not see.
    private async Task<string> WhyMissing(List<string> missing)
    {
        try
        {
            await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(missing), new DescribeTopicsOptions { RequestTimeout = Patience });
        }
        catch (DescribeTopicsException error)
        {
            var refused = error.Results.TopicDescriptions.Where(topic => topic.Error.Code == ErrorCode.TopicAuthorizationFailed).ToList();
            if (refused.Count > 0)
            {
                return $"{errors.Add(refused[0].Error)} It is {string.Join(", ", refused.Select(topic => topic.Name))}.";
            }
        }

        return $"It lacks the topics {string.Join(", ", missing)}.";
    }

    private HealthCheckResult Failing(string reason) => reached ? HealthCheckResult.Degraded(reason) : HealthCheckResult.Unhealthy(reason);
}
