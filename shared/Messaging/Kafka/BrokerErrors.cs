using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Options;

namespace TodoFlow.Messaging.Kafka;

/// <summary>
/// What the brokers refused lately, in words: the library tells the cause to one handler and "cannot be reached" to whoever asked. The words
/// name the principal, and no host.
/// </summary>
public sealed class BrokerErrors(IOptions<KafkaSettings> settings, TimeProvider clock)
{
    // The library tries again, and tells again, within seconds.
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(30);

    // What is said: {0} is the principal, {1} the mechanism.
    private static readonly (ErrorCode[] Codes, string Said, string LookAt)[] All =
    [
        ([ErrorCode.Local_Authentication, ErrorCode.SaslAuthenticationFailed], "Authentication failed for {0}.", "Kafka:Username, Kafka:Password"),
        ([ErrorCode.UnsupportedSaslMechanism], "The brokers do not offer {1}.", "Kafka:SaslMechanism"),
        ([ErrorCode.Local_Ssl], "The broker's certificate is not trusted (Kafka:SslCaLocation), or it refuses the client's.", "Kafka:SslCaLocation, Kafka:SslCertificateLocation"),
        ([ErrorCode.TopicAuthorizationFailed], "A topic is not authorised for {0}.", "the user's rights"),
        ([ErrorCode.GroupAuthorizationFailed], "A consumer group is not authorised for {0}.", "Kafka:GroupPrefix, the user's rights"),
        ([ErrorCode.ClusterAuthorizationFailed, ErrorCode.TransactionalIdAuthorizationFailed], "{0} is not authorised to write.", "the user's rights"),
    ];

    private volatile Refusal? _latest;

    /// <summary>The cause that was told within the last 30 seconds; null where there is none but that no broker answers.</summary>
    public string? Cause => _latest is { } told && clock.GetUtcNow() - told.At < Lately ? told.Cause : null;

    /// <summary>What is said of each way to refuse, for help: without the principal and the mechanism, and with the settings to look at.</summary>
    public static IEnumerable<(string Said, string LookAt)> Kinds => All.Select(kind => (string.Format(CultureInfo.InvariantCulture, kind.Said, "USER", "MECHANISM"), kind.LookAt));

    /// <summary>Takes what the library tells.</summary>
    /// <returns>The cause in words; null where the error does not say more than that a broker does not answer.</returns>
    public string? Add(Error error)
    {
        if (Describe(error.Code) is not { } cause)
        {
            return null;
        }

        _latest = new Refusal(cause, clock.GetUtcNow());
        return cause;
    }

    /// <summary>The brokers answer.</summary>
    public void Clear() => _latest = null;

    private string? Describe(ErrorCode code) =>
        All.FirstOrDefault(kind => kind.Codes.Contains(code)).Said is { } said ? string.Format(CultureInfo.InvariantCulture, said, Principal, settings.Value.SaslMechanism) : null;

    private string Principal => settings.Value switch
    {
        { Username: { Length: > 0 } user } => $"the user {user}",
        { SslCertificateLocation: not null } => "the client's certificate",
        _ => "clients without credentials",
    };

    private sealed record Refusal(string Cause, DateTimeOffset At);
}
