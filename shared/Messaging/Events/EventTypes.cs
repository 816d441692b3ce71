using System.Text.Json.Serialization.Metadata;

namespace TodoFlow.Messaging.Events;

/// <summary>A type of event that TodoFlow writes and reads.</summary>
/// <param name="Name">Its name without the version, such as <c>task.created</c>.</param>
/// <param name="Version">Its major version: another one is another shape.</param>
/// <param name="Topic">Where it is published.</param>
/// <param name="Data">The shape of its <c>data</c>.</param>
public sealed record EventType(string Name, int Version, string Topic, JsonTypeInfo Data)
{
    /// <summary>The name on the wire.</summary>
    public string Type => $"{Name}.v{Version}";
}

/// <summary>Every type of event, one JSON Schema file each beside this one in <c>schemas</c>.</summary>
public static class EventTypes
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<EventType> All { get; } =
    [
        new("task.created", 1, Topics.TaskEvents, EventJson.Wire.TaskEventData),
        new("task.updated", 1, Topics.TaskEvents, EventJson.Wire.TaskEventData),
        new("task.completed", 1, Topics.TaskEvents, EventJson.Wire.TaskEventData),
        new("task.reopened", 1, Topics.TaskEvents, EventJson.Wire.TaskEventData),
        new("task.deleted", 1, Topics.TaskEvents, EventJson.Wire.TaskDeletedData),
        new("task.restored", 1, Topics.TaskEvents, EventJson.Wire.TaskEventData),
        new("task.purged", 1, Topics.TaskEvents, EventJson.Wire.TaskEventData),
        new("task.changed", 1, Topics.TaskUpdates, EventJson.Wire.TaskChangeData),
        new("notification.pushed", 1, Topics.TaskUpdates, EventJson.Wire.NotificationPushedData),
        new("reminder.scheduled", 1, Topics.Reminders, EventJson.Wire.ReminderEventData),
        new("reminder.due", 1, Topics.Reminders, EventJson.Wire.ReminderEventData),
        new("reminder.sent", 1, Topics.Reminders, EventJson.Wire.ReminderEventData),
        new("reminder.failed", 1, Topics.Reminders, EventJson.Wire.ReminderEventData),
        new("reminder.cancelled", 1, Topics.Reminders, EventJson.Wire.ReminderEventData),
    ];

    private static readonly Dictionary<string, EventType> ByType = All.ToDictionary(type => type.Type, StringComparer.Ordinal);
    private static readonly HashSet<string> Names = [.. All.Select(type => type.Name)];

    /// <summary>The type of that name on the wire; null for one that is unknown.</summary>
    public static EventType? Find(string type) => ByType.GetValueOrDefault(type);

    /// <summary>Whether other versions of this type are known, but not this one: it has a shape that cannot be guessed.</summary>
    public static bool IsUnknownVersion(string type) =>
        !ByType.ContainsKey(type) && type.LastIndexOf(".v", StringComparison.Ordinal) is > 0 and var end && Names.Contains(type[..end]);

    /// <summary>The JSON Schema (draft 4) of an event type.</summary>
    public static Stream OpenSchema(EventType type) =>
        typeof(EventTypes).Assembly.GetManifestResourceStream($"schemas/{type.Type}.json")
        ?? throw new InvalidOperationException($"{type.Type} has no schema file.");
}
