using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Invocation;
using TodoFlow.Messaging.Kafka;

namespace TodoFlow.Host.Kafka;

/// <summary>The client library's settings for a function's consumer.</summary>
internal static class ConsumerConfigs
{
    /// <summary>The section whose values are taken over as they are: properties of <see cref="ConsumerConfig"/>, such as <c>FetchWaitMaxMs</c>.</summary>
    public const string Section = "Kafka:Consumer";

    /// <summary>
    /// From the shared <c>Kafka:*</c> settings, where the function reads from the same brokers (its credentials are for no other),
    /// the trigger's own properties, and <see cref="Section"/>. What commits depend on is not a setting.
    /// </summary>
    /// <exception cref="HostStartException">A value in <see cref="Section"/> is not of its property's type.</exception>
    public static ConsumerConfig For(
        HostedFunction function, KafkaTrigger trigger, ConsumerSettings settings, KafkaSettings shared, IConfiguration configuration)
    {
        var broker = trigger.Broker!;
        var config = new ConsumerConfig(
            broker.BrokerList == shared.Brokers ? shared.ToClientConfig() : new KafkaSettings { Brokers = broker.BrokerList }.ToClientConfig())
        {
            AutoOffsetReset = settings.AutoOffsetReset,
            MaxPollIntervalMs = settings.MaxPollIntervalMs,
            AutoCommitIntervalMs = 200, // how much a crash may redeliver, at most
            QueuedMinMessages = 10_000, // fetched ahead, per partition
            FetchQueueBackoffMs = 10, // and fetched on as soon as that is used up
            AllowAutoCreateTopics = false,
        };
        AddCredentials(config, broker);
        try
        {
            configuration.GetSection(Section).Bind(config);
        }
        catch (InvalidOperationException error) // not of the property's type; the message names it
        {
            throw new HostStartException(error.Message, error);
        }

        config.GroupId = trigger.ConsumerGroup;
        config.GroupInstanceId = settings.InstanceId is { } instance ? $"{instance}-{function.Name}" : null;
        if (config.GroupProtocol != GroupProtocol.Consumer) // there the brokers assign, and their settings say how long a session lasts
        {
            config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
            config.SessionTimeoutMs ??= settings.SessionTimeoutMs;
            config.HeartbeatIntervalMs ??= config.SessionTimeoutMs / 3;
        }

        // The library commits what was stored: at its interval, when a partition leaves and when the consumer closes. An offset is
        // stored when the function has returned, never when its record was fetched.
        config.EnableAutoCommit = true;
        config.EnableAutoOffsetStore = false;

        // The end of a partition is told, so that a group without an offset commits where it stands though there is nothing to read.
        config.EnablePartitionEof = true;
        if (trigger.IsBroadcast)
        {
            // The library wants a name; nothing joins the group, and nothing is ever committed under it.
            config.GroupId = $"{trigger.ConsumerGroup}-{Guid.NewGuid():N}";
            config.GroupInstanceId = null;
            config.GroupProtocol = null;
            config.EnableAutoCommit = false;
            config.EnablePartitionEof = false;
            config.AutoOffsetReset = AutoOffsetReset.Latest;
        }

        return config;
    }

    private static void AddCredentials(ConsumerConfig config, KafkaBroker broker)
    {
        if (broker.Protocol != BrokerProtocol.NotSet)
        {
            config.SecurityProtocol = Enum.Parse<SecurityProtocol>(broker.Protocol.ToString());
        }

        if (broker.AuthenticationMode != BrokerAuthenticationMode.NotSet)
        {
            config.SaslMechanism = Enum.Parse<SaslMechanism>(broker.AuthenticationMode.ToString(), ignoreCase: true);
        }

        config.SaslUsername = broker.Username ?? config.SaslUsername;
        config.SaslPassword = broker.Password ?? config.SaslPassword;
        config.SslCaLocation = broker.SslCaLocation ?? config.SslCaLocation;
        config.SslCaPem = broker.SslCaPem ?? config.SslCaPem;
        config.SslCertificateLocation = broker.SslCertificateLocation ?? config.SslCertificateLocation;
        config.SslCertificatePem = broker.SslCertificatePem ?? config.SslCertificatePem;
        config.SslKeyLocation = broker.SslKeyLocation ?? config.SslKeyLocation;
        config.SslKeyPem = broker.SslKeyPem ?? config.SslKeyPem;
        config.SslKeyPassword = broker.SslKeyPassword ?? config.SslKeyPassword;
    }
}
