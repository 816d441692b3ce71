namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs the function on a six-field NCRONTAB schedule, without overlap inside one host.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : Attribute
{
    /// <summary>The schedule: seconds, minutes, hours, days, months, days of the week, in UTC; or <c>%Setting%</c>.</summary>
    public string Schedule { get; } = schedule;

    /// <summary>Whether the host remembers past runs in a storage account. Needs one.</summary>
    public bool UseMonitor { get; set; } = true;

    /// <summary>Whether the function also runs once when the host starts.</summary>
    public bool RunOnStartup { get; set; }
}

/// <summary>What a timer function learns of its schedule.</summary>
public class TimerInfo
{
    /// <summary>The last and next runs; null where the host does not monitor them.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>Whether this run is later than its schedule.</summary>
    public bool IsPastDue { get; set; }
}

/// <summary>The last and next runs of a timer.</summary>
public class ScheduleStatus
{
    /// <summary>The last scheduled run, UTC.</summary>
    public DateTime Last { get; set; }

    /// <summary>The next scheduled run, UTC.</summary>
    public DateTime Next { get; set; }

    /// <summary>When this status was written, UTC.</summary>
    public DateTime LastUpdated { get; set; }
}
