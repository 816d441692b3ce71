using Microsoft.Extensions.Configuration;

namespace TodoFlow.Messaging.Events;

/// <summary>
/// The topics, by the names that TodoFlow uses everywhere inside. A broker may know them by others: <c>Kafka:Topics:TaskEvents</c>,
/// <c>Kafka:Topics:TaskUpdates</c> and <c>Kafka:Topics:Reminders</c> rename them.
/// </summary>
public sealed class Topics
{
    /// <summary>Every event of a task, with the full task.</summary>
    public const string TaskEvents = "task-events";

    /// <summary>The changed fields, for devices.</summary>
    public const string TaskUpdates = "task-updates";

    /// <summary>What happens to reminders.</summary>
    public const string Reminders = "reminders";

    /// <summary>What follows a topic's name in the name of the topic of its dead letters.</summary>
    public const string DeadLetterSuffix = ".dead-letter";

    private readonly Dictionary<string, string> _brokerNames;

    /// <summary>Reads the names on the broker.</summary>
    public Topics(IConfiguration configuration)
    {
        var section = configuration.GetSection("Kafka:Topics");
        _brokerNames = new()
        {
            [TaskEvents] = section["TaskEvents"] ?? TaskEvents,
            [TaskUpdates] = section["TaskUpdates"] ?? TaskUpdates,
            [Reminders] = section["Reminders"] ?? Reminders,
        };
    }

    /// <summary>Every topic by its name on the broker, those of dead letters included.</summary>
    public IEnumerable<string> OnBroker => _brokerNames.Values.SelectMany(name => new[] { name, name + DeadLetterSuffix });

    /// <summary>A topic's name on the broker.</summary>
    public string ToBroker(string topic) => topic.EndsWith(DeadLetterSuffix, StringComparison.Ordinal)
        ? ToBroker(topic[..^DeadLetterSuffix.Length]) + DeadLetterSuffix
        : _brokerNames.GetValueOrDefault(topic, topic);

    /// <summary>The name that TodoFlow uses for a topic of the broker's.</summary>
    public string FromBroker(string name) => _brokerNames.FirstOrDefault(topic => topic.Value == name, new(name, name)).Key;
}
