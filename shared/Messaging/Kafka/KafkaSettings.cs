using Confluent.Kafka;
using TodoFlow.Settings;

namespace TodoFlow.Messaging.Kafka;

/// <summary>How to reach the brokers: for the producer, the consumers and whoever creates topics.</summary>
public sealed class KafkaSettings : ISettings
{
    private static readonly Dictionary<string, SecurityProtocol> Protocols = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PLAINTEXT"] = Confluent.Kafka.SecurityProtocol.Plaintext,
        ["SSL"] = Confluent.Kafka.SecurityProtocol.Ssl,
        ["SASL_PLAINTEXT"] = Confluent.Kafka.SecurityProtocol.SaslPlaintext,
        ["SASL_SSL"] = Confluent.Kafka.SecurityProtocol.SaslSsl,
    };

    private static readonly Dictionary<string, SaslMechanism> Mechanisms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PLAIN"] = Confluent.Kafka.SaslMechanism.Plain,
        ["SCRAM-SHA-256"] = Confluent.Kafka.SaslMechanism.ScramSha256,
        ["SCRAM-SHA-512"] = Confluent.Kafka.SaslMechanism.ScramSha512,
    };

    /// <inheritdoc/>
    public static string Section => "Kafka";

    /// <summary>The brokers to begin with: <c>host:port</c>, separated by commas.</summary>
    public string? Brokers { get; set; }

    /// <summary><c>PLAINTEXT</c> (the default), <c>SSL</c>, <c>SASL_PLAINTEXT</c> or <c>SASL_SSL</c>.</summary>
    public string SecurityProtocol { get; set; } = "PLAINTEXT";

    /// <summary><c>PLAIN</c>, <c>SCRAM-SHA-256</c> or <c>SCRAM-SHA-512</c>: needed with a SASL protocol.</summary>
    public string? SaslMechanism { get; set; }

    /// <summary>The SASL user name.</summary>
    public string? Username { get; set; }

    /// <summary>The SASL password.</summary>
    public string? Password { get; set; }

    /// <summary>A file of CA certificates that brokers' certificates must descend from; without it the system's.</summary>
    public string? SslCaLocation { get; set; }

    /// <summary>The same as PEM text.</summary>
    public string? SslCaPem { get; set; }

    /// <summary>A file with the client's certificate, for mutual TLS.</summary>
    public string? SslCertificateLocation { get; set; }

    /// <summary>A file with the client's private key.</summary>
    public string? SslKeyLocation { get; set; }

    /// <summary>What the private key is encrypted with.</summary>
    public string? SslKeyPassword { get; set; }

    /// <summary>For how long the producer tries to deliver an event before the relay takes it up anew.</summary>
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    private bool Sasl => SecurityProtocol.StartsWith("SASL", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        if (string.IsNullOrWhiteSpace(Brokers))
        {
            yield return "Kafka:Brokers is not set: it names the brokers as host:port, separated by commas (or set Events:Transport to postgres).";
        }

        if (DeliveryTimeout < TimeSpan.FromSeconds(1) || DeliveryTimeout > TimeSpan.FromMinutes(10))
        {
            yield return "Kafka:DeliveryTimeout must be between 00:00:01 and 00:10:00.";
        }

        if (!Protocols.ContainsKey(SecurityProtocol))
        {
            yield return $"Kafka:SecurityProtocol is '{SecurityProtocol}'; it must be one of {string.Join(", ", Protocols.Keys)}.";
            yield break;
        }

        if (SaslMechanism is not null && !Mechanisms.ContainsKey(SaslMechanism))
        {
            yield return $"Kafka:SaslMechanism is '{SaslMechanism}'; it must be one of {string.Join(", ", Mechanisms.Keys)}.";
        }
        else if (Sasl && SaslMechanism is null)
        {
            yield return $"Kafka:SaslMechanism is not set: {SecurityProtocol} needs one of {string.Join(", ", Mechanisms.Keys)}.";
        }
        else if (!Sasl && SaslMechanism is not null)
        {
            yield return $"Kafka:SaslMechanism is set, but Kafka:SecurityProtocol is {SecurityProtocol}: it must be SASL_SSL or SASL_PLAINTEXT.";
        }

        if (Sasl && string.IsNullOrEmpty(Username))
        {
            yield return $"Kafka:Username is not set: {SecurityProtocol} needs it.";
        }

        if (Sasl && string.IsNullOrEmpty(Password))
        {
            yield return $"Kafka:Password is not set: {SecurityProtocol} needs it.";
        }

        if (SslCaLocation is not null && SslCaPem is not null)
        {
            yield return "Kafka:SslCaLocation and Kafka:SslCaPem are both set: one is enough.";
        }

        if (SslCertificateLocation is null != SslKeyLocation is null)
        {
            yield return "Kafka:SslCertificateLocation and Kafka:SslKeyLocation go together: mutual TLS needs both.";
        }

        foreach (var (name, file) in new[]
        {
            (nameof(SslCaLocation), SslCaLocation), (nameof(SslCertificateLocation), SslCertificateLocation), (nameof(SslKeyLocation), SslKeyLocation),
        })
        {
            if (file is not null && !File.Exists(file))
            {
                yield return $"Kafka:{name} is '{file}', where no file can be read.";
            }
        }
    }

    /// <summary>What every client of the library shares. Add what makes it a producer or a consumer.</summary>
    public ClientConfig ToClientConfig() => new()
    {
        BootstrapServers = Brokers,
        ClientId = "todoflow",
        SecurityProtocol = Protocols[SecurityProtocol],
        SaslMechanism = SaslMechanism is null ? null : Mechanisms[SaslMechanism],
        SaslUsername = Username,
        SaslPassword = Password,
        SslCaLocation = SslCaLocation,
        SslCaPem = SslCaPem,
        SslCertificateLocation = SslCertificateLocation,
        SslKeyLocation = SslKeyLocation,
        SslKeyPassword = SslKeyPassword,
        SocketKeepaliveEnable = true,
        ReconnectBackoffMs = 100,
        ReconnectBackoffMaxMs = 2_000, // a broker that comes back is noticed within this
    };
}
