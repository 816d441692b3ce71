using System.Text.RegularExpressions;
using Confluent.Kafka;
using TodoFlow.Host.Configuration;

namespace TodoFlow.Host.Consumers;

/// <summary>How functions with a <c>[KafkaTrigger]</c> are fed, read once at start: host.json's <c>extensions.kafka</c>, and settings of this host.</summary>
internal sealed partial class ConsumerSettings
{
    private const string HostJson = "AzureFunctionsJobHost:extensions:kafka";

    private ConsumerSettings(IConfiguration configuration)
    {
        MaxBatchSize = ReadNumber(configuration, $"{HostJson}:maxBatchSize", 64, 1, 10_000);
        SessionTimeoutMs = ReadNumber(configuration, $"{HostJson}:sessionTimeoutMs", 6_000, 1_000, 3_600_000);
        MaxPollIntervalMs = ReadNumber(configuration, $"{HostJson}:maxPollIntervalMs", 300_000, SessionTimeoutMs, 86_400_000);
        AutoOffsetReset = (configuration[$"{HostJson}:autoOffsetReset"] ?? "Earliest").ToLowerInvariant() switch
        {
            "earliest" => AutoOffsetReset.Earliest,
            "latest" => AutoOffsetReset.Latest,
            var other => throw new HostStartException($"The setting '{HostJson}:autoOffsetReset' is '{other}'; it must be 'earliest' or 'latest'."),
        };
        CreateTopics = (configuration["Kafka:CreateTopics"] ?? "true").ToLowerInvariant() switch
        {
            "true" => true,
            "false" => false,
            var other => throw new HostStartException($"The setting 'Kafka:CreateTopics' is '{other}'; it must be 'true' or 'false'."),
        };
        TopicPartitions = ReadNumber(configuration, "Kafka:TopicPartitions", 3, 1, 10_000);
        TopicReplication = (short)ReadNumber(configuration, "Kafka:TopicReplication", -1, -1, 100);
        if (TopicReplication == 0)
        {
            throw new HostStartException("The setting 'Kafka:TopicReplication' is '0'; it must be -1 (the brokers' default) or at least 1.");
        }

        InstanceId = configuration["Kafka:InstanceId"] is { Length: > 0 } id ? id
            : configuration["POD_NAME"] is { } pod && Ordinal().IsMatch(pod) ? pod
            : null;
    }

    /// <summary>How many records a function that takes an array gets at most (host.json, 64).</summary>
    public int MaxBatchSize { get; }

    /// <summary>After how long without a heartbeat a consumer has left its group (host.json, 6 s: what brokers allow at least unless told otherwise).</summary>
    public int SessionTimeoutMs { get; }

    /// <summary>How long a consumer may go without polling; functions that take longer are no hindrance (host.json, 5 min).</summary>
    public int MaxPollIntervalMs { get; }

    /// <summary>Where a group begins that has committed nothing (host.json, earliest).</summary>
    public AutoOffsetReset AutoOffsetReset { get; }

    /// <summary>Whether topics that are missing are created at start (<c>Kafka:CreateTopics</c>, true).</summary>
    public bool CreateTopics { get; }

    /// <summary>How many partitions a created topic gets (<c>Kafka:TopicPartitions</c>, 3).</summary>
    public int TopicPartitions { get; }

    /// <summary>How many replicas a created topic gets (<c>Kafka:TopicReplication</c>); -1, the default, is the brokers' own.</summary>
    public short TopicReplication { get; }

    /// <summary>
    /// The name under which this instance comes back after a restart without a rebalance: <c>Kafka:InstanceId</c>, else the
    /// <c>POD_NAME</c> of a StatefulSet, which ends in an ordinal; otherwise null. The name of a Deployment's pod never comes back, and
    /// a member that is known by name does not leave its group when it stops: its partitions would wait for the session's end.
    /// </summary>
    public string? InstanceId { get; }

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="HostStartException">A value cannot be used; the message names the setting.</exception>
    public static ConsumerSettings Read(IConfiguration configuration) => new(configuration);

    // A Deployment's pods end in five characters that are not chosen.
    [GeneratedRegex("-(0|[1-9][0-9]{0,3})$", RegexOptions.CultureInvariant)]
    private static partial Regex Ordinal();

    private static int ReadNumber(IConfiguration configuration, string setting, int fallback, int least, int most) => configuration[setting] switch
    {
        null => fallback,
        var text when int.TryParse(text, out var number) && number >= least && number <= most => number,
        var text => throw new HostStartException($"The setting '{setting}' is '{text}'; it must be a whole number from {least} to {most}."),
    };
}
