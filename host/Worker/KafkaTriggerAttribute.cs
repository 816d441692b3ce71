using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs the function for the records of a topic, as one consumer of a group.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
[BindingCapabilities(KnownBindingCapabilities.FunctionLevelRetry)]
public sealed class KafkaTriggerAttribute(string brokerList, string topic) : TriggerBindingAttribute
{
    /// <summary>The bootstrap servers, comma-separated; or <c>%Setting%</c>.</summary>
    public string BrokerList { get; } = brokerList;

    /// <summary>The topic; or <c>%Setting%</c>.</summary>
    public string Topic { get; } = topic;

    /// <summary>The consumer group; or <c>%Setting%</c>.</summary>
    public string ConsumerGroup { get; set; }

    /// <summary>Whether the function takes an array of records. False: one record per invocation.</summary>
    [DefaultValue(false)]
    public bool IsBatched { get; set; }

    /// <summary>The lag per instance at which a scale controller adds another.</summary>
    public long LagThreshold { get; set; } = 1000;

    /// <summary>How keys are read.</summary>
    public KafkaMessageKeyType KeyDataType { get; set; } = KafkaMessageKeyType.String;

    /// <summary>The SASL mechanism.</summary>
    public BrokerAuthenticationMode AuthenticationMode { get; set; } = BrokerAuthenticationMode.NotSet;

    /// <summary>The security protocol.</summary>
    public BrokerProtocol Protocol { get; set; } = BrokerProtocol.NotSet;

    /// <summary>The SASL user name; or <c>%Setting%</c>.</summary>
    public string Username { get; set; }

    /// <summary>The SASL password; <c>%Setting%</c>.</summary>
    public string Password { get; set; }

    /// <summary>A file with the CA certificate.</summary>
    public string SslCaLocation { get; set; }

    /// <summary>A file with the client's certificate.</summary>
    public string SslCertificateLocation { get; set; }

    /// <summary>A file with the client's private key.</summary>
    public string SslKeyLocation { get; set; }

    /// <summary>The password of the private key.</summary>
    public string SslKeyPassword { get; set; }

    /// <summary>The CA certificate, PEM.</summary>
    public string SslCaPEM { get; set; }

    /// <summary>The client's certificate, PEM.</summary>
    public string SslCertificatePEM { get; set; }

    /// <summary>The client's private key, PEM.</summary>
    public string SslKeyPEM { get; set; }
}

/// <summary>How a record's key is read.</summary>
public enum KafkaMessageKeyType
{
    /// <summary>A 32-bit integer.</summary>
    Int,

    /// <summary>A 64-bit integer.</summary>
    Long,

    /// <summary>UTF-8 text.</summary>
    String,

    /// <summary>Bytes.</summary>
    Binary,
}

/// <summary>The SASL mechanisms.</summary>
public enum BrokerAuthenticationMode
{
    /// <summary>None.</summary>
    NotSet = -1,

    /// <summary>GSSAPI.</summary>
    Gssapi,

    /// <summary>PLAIN.</summary>
    Plain,

    /// <summary>SCRAM-SHA-256.</summary>
    ScramSha256,

    /// <summary>SCRAM-SHA-512.</summary>
    ScramSha512,

    /// <summary>OAUTHBEARER.</summary>
    OAuthBearer,
}

/// <summary>The security protocols.</summary>
public enum BrokerProtocol
{
    /// <summary>The library's default, plain text.</summary>
    NotSet = -1,

    /// <summary>Plain text.</summary>
    Plaintext,

    /// <summary>TLS.</summary>
    Ssl,

    /// <summary>SASL over plain text.</summary>
    SaslPlaintext,

    /// <summary>SASL over TLS.</summary>
    SaslSsl,
}
