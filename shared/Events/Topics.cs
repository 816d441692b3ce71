namespace TodoFlow.Events;

/// <summary>The topics, by the names that the outbox uses; settings may rename them on the broker.</summary>
public static class Topics
{
    /// <summary>Every fact about a task, with the full task.</summary>
    public const string TaskEvents = "task-events";

    /// <summary>The changed fields, for devices.</summary>
    public const string TaskUpdates = "task-updates";
}
