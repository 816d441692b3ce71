using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Sync;

/// <summary>How long a device may be away.</summary>
public sealed class SyncSettings : ISettings
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public static string Section => "Sync";

    /// <summary>How long it is remembered what was removed: a device whose token is older starts anew.</summary>
    public TimeSpan KeepTombstones { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long the results of commands are kept: a command that is repeated later is run again.</summary>
    public TimeSpan KeepResults { get; set; } = TimeSpan.FromDays(90);

    /// <inheritdoc/>
    public IEnumerable<string> Check() =>
        new[] { (nameof(KeepTombstones), KeepTombstones), (nameof(KeepResults), KeepResults) }
            .Where(setting => setting.Item2 < Shortest)
            .Select(setting => $"Sync:{setting.Item1} is {setting.Item2}; it must be at least {Shortest}.");
}
