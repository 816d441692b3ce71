using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>How much one import may be.</summary>
public sealed class ImportSettings : ISettings
{
    /// <inheritdoc/>
    public static string Section => "Import";

    /// <summary>The largest file, in bytes, and all that an archive holds.</summary>
    public int MaxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>The most tasks of a file.</summary>
    public int MaxTasks { get; set; } = 20_000;

    /// <summary>The largest iCalendar file, in bytes: read as objects, it takes many times its length.</summary>
    internal int MaxCalendarBytes => MaxBytes / 4;

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        if (MaxBytes is < 64 * 1024 or > 32 * 1024 * 1024)
        {
            yield return "Import:MaxBytes must be between 65536 and 33554432.";
        }

        if (MaxTasks is < 1 or > 1_000_000)
        {
            yield return "Import:MaxTasks must be between 1 and 1000000.";
        }
    }
}
