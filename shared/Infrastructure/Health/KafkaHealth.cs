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

    private volatile bool _reached;

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
            _reached |= missing.Count == 0;
            if (missing.Count > 0)
            {
                return Failing(await WhyMissing(missing, known));
            }

            errors.Clear();
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is KafkaException or OperationCanceledException)
        {
            return Failing(errors.Cause ?? "It cannot be reached.");
        }
    }

    private async Task<string> WhyMissing(List<string> missing, Metadata known)
    {
        var refused = known.Topics.Where(topic => topic.Error.Code == ErrorCode.TopicAuthorizationFailed).Select(topic => topic.Topic).Intersect(missing).ToList();
        if (refused.Count == 0)
        {
            refused = await Refused(missing);
        }

        return refused.Count > 0
            ? $"{errors.Add(new Error(ErrorCode.TopicAuthorizationFailed))} It is {string.Join(", ", refused)}."
            : $"It lacks the topics {string.Join(", ", missing)}.";
    }

    // The list of all topics leaves out those that the principal may not see. Whoever asks for one by its name is told.
    private async Task<List<string>> Refused(List<string> missing)
    {
        try
        {
            await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(missing), new DescribeTopicsOptions { RequestTimeout = Patience });
        }
        catch (DescribeTopicsException error)
        {
            return [.. error.Results.TopicDescriptions.Where(topic => topic.Error.Code == ErrorCode.TopicAuthorizationFailed).Select(topic => topic.Name)];
        }
        catch (KafkaException)
        {
            // The brokers cannot describe topics.
        }

        return [];
    }

    private HealthCheckResult Failing(string reason) => _reached ? HealthCheckResult.Degraded(reason) : HealthCheckResult.Unhealthy(reason);
}
