using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>Settings of reminders.</summary>
public sealed class ReminderSettings : ISettings
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public static string Section => "Reminders";

    /// <summary>A reminder that fires more than this after its instant is marked late.</summary>
    public TimeSpan LateAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public IEnumerable<string> Check() =>
        LateAfter >= Shortest ? [] : [$"Reminders:{nameof(LateAfter)} is {LateAfter}; it must be at least {Shortest}."];
}
