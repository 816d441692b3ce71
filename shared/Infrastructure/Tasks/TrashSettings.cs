using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>How long deleted tasks can be restored.</summary>
public sealed class TrashSettings : ISettings
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public static string Section => "Trash";

    /// <summary>How long a task stays in the trash before it is deleted for good.</summary>
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(30);

    /// <inheritdoc/>
    public IEnumerable<string> Check() => Keep < Shortest ? [$"Trash:Keep is {Keep}; it must be at least {Shortest}."] : [];
}
