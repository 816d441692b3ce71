using Microsoft.Extensions.Configuration;
using TodoFlow.Settings;

namespace TodoFlow.Messaging.Outbox;

/// <summary>How events travel.</summary>
public sealed class EventsSettings : ISettings
{
    /// <summary>Over Kafka.</summary>
    public const string Kafka = "kafka";

    /// <summary>Through a log in the outbox itself, without any broker: in the standalone host only.</summary>
    public const string Postgres = "postgres";

    /// <inheritdoc/>
    public static string Section => "Events";

    /// <summary><c>kafka</c>, the default, or <c>postgres</c>.</summary>
    public string Transport { get; set; } = Kafka;

    /// <summary>Whether the settings choose Kafka.</summary>
    public static bool UseKafka(IConfiguration configuration) => (configuration["Events:Transport"] ?? Kafka) == Kafka;

    /// <inheritdoc/>
    public IEnumerable<string> Check() => Transport is Kafka or Postgres ? [] : [$"Events:Transport is '{Transport}'; it must be {Kafka} or {Postgres}."];
}
