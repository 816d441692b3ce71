namespace TodoFlow.Infrastructure.Realtime;

/// <summary>The hub that every device connects to, and what it is told.</summary>
public static class RealtimeHub
{
    /// <summary>The hub's name.</summary>
    public const string Name = "notifications";

    /// <summary>Its path in the standalone host.</summary>
    public const string Path = "/hubs/notifications";

    /// <summary>Says that a task has changed.</summary>
    public const string TaskUpdate = "task_update";

    /// <summary>Brings a reminder, to be shown at once.</summary>
    public const string Reminder = "reminder";
}
