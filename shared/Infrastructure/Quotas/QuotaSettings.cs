using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Quotas;

/// <summary>How much one user may have stored: more than a person ever has, and less than hurts others. Mails are limited by the channel itself.</summary>
public sealed class QuotaSettings : ISettings
{
    /// <inheritdoc/>
    public static string Section => "Quotas";

    /// <summary>Tasks, completed ones too.</summary>
    public long Tasks { get; set; } = 100_000;

    /// <summary>Bytes of the tasks' titles, descriptions and tags, in UTF-8.</summary>
    public long Bytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>Reminders that wait.</summary>
    public long Reminders { get; set; } = 50_000;

    /// <summary>Browsers that get Web Push.</summary>
    public int PushSubscriptions { get; set; } = 20;

    /// <summary>Conversations with the assistant.</summary>
    public int Conversations { get; set; } = 1000;

    /// <inheritdoc/>
    public IEnumerable<string> Check() =>
        new[] { (nameof(Tasks), Tasks), (nameof(Bytes), Bytes), (nameof(Reminders), Reminders), (nameof(PushSubscriptions), PushSubscriptions), (nameof(Conversations), Conversations) }
            .Where(setting => setting.Item2 is < 1 or > 1_000_000_000_000)
            .Select(setting => $"Quotas:{setting.Item1} must be between 1 and 1000000000000.");
}
