using Microsoft.Azure.Functions.Worker;

namespace TodoFlow.Host.Invocation;

/// <summary>What runs a function, with every <c>%Setting%</c> resolved.</summary>
/// <param name="Parameter">The name of the parameter that receives the trigger's value.</param>
/// <param name="BindingType">The trigger's name in <see cref="BindingMetadata.Type"/>.</param>
public abstract record Trigger(string Parameter, string BindingType);

/// <summary>Runs the function for HTTP requests.</summary>
/// <param name="Parameter">The name of the <c>HttpRequest</c> parameter.</param>
/// <param name="Route">The route template with the prefix of host.json, without a leading slash.</param>
/// <param name="Methods">The HTTP methods in upper case; empty is every method.</param>
public sealed record HttpTrigger(string Parameter, string Route, IReadOnlyList<string> Methods) : Trigger(Parameter, "httpTrigger");

/// <summary>Runs the function on a schedule.</summary>
/// <param name="Parameter">The name of the <see cref="TimerInfo"/> parameter.</param>
/// <param name="Schedule">When, in UTC.</param>
/// <param name="RunOnStartup">Whether it also runs once when the host starts.</param>
/// <param name="UseMonitor">Whether the function is told its <see cref="TimerInfo.ScheduleStatus"/>; this host knows it since its own start.</param>
public sealed record TimerTrigger(string Parameter, TimerSchedule Schedule, bool RunOnStartup, bool UseMonitor)
    : Trigger(Parameter, "timerTrigger");

/// <summary>Runs the function for the records of a topic, as one consumer of a group.</summary>
/// <param name="Parameter">The name of the <see cref="KafkaRecord"/> parameter.</param>
/// <param name="Topic">The topic.</param>
/// <param name="ConsumerGroup">The consumer group.</param>
/// <param name="IsBatched">Whether the function takes <c>KafkaRecord[]</c>; otherwise one <see cref="KafkaRecord"/>.</param>
/// <param name="Broker">How to reach the broker; null where <c>Events:Transport</c> is <c>postgres</c>, which needs none.</param>
public sealed record KafkaTrigger(string Parameter, string Topic, string ConsumerGroup, bool IsBatched, KafkaBroker? Broker)
    : Trigger(Parameter, "kafkaTrigger")
{
    /// <summary>
    /// Whether every host reads all records, from its start on and under no group, because what the function returns is for the devices
    /// that are connected to this host.
    /// </summary>
    public bool IsBroadcast { get; init; }
}

/// <summary>How to reach a Kafka cluster. What is null or <c>NotSet</c> is left to the client library.</summary>
/// <param name="BrokerList">The bootstrap servers, comma-separated.</param>
public sealed record KafkaBroker(string BrokerList)
{
    /// <summary>The security protocol.</summary>
    public BrokerProtocol Protocol { get; init; } = BrokerProtocol.NotSet;

    /// <summary>The SASL mechanism.</summary>
    public BrokerAuthenticationMode AuthenticationMode { get; init; } = BrokerAuthenticationMode.NotSet;

    /// <summary>The SASL user name.</summary>
    public string? Username { get; init; }

    /// <summary>The SASL password.</summary>
    public string? Password { get; init; }

    /// <summary>A file with the CA certificate.</summary>
    public string? SslCaLocation { get; init; }

    /// <summary>A file with the client's certificate.</summary>
    public string? SslCertificateLocation { get; init; }

    /// <summary>A file with the client's private key.</summary>
    public string? SslKeyLocation { get; init; }

    /// <summary>The password of the private key.</summary>
    public string? SslKeyPassword { get; init; }

    /// <summary>The CA certificate, PEM.</summary>
    public string? SslCaPem { get; init; }

    /// <summary>The client's certificate, PEM.</summary>
    public string? SslCertificatePem { get; init; }

    /// <summary>The client's private key, PEM.</summary>
    public string? SslKeyPem { get; init; }

    /// <summary>Names the brokers only: a record prints its properties, and these hold secrets.</summary>
    public override string ToString() => BrokerList;
}
