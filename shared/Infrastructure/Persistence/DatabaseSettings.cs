using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>How a process shares its connections to PostgreSQL between kinds of work, and how long a statement of each may take.</summary>
public sealed class DatabaseSettings : ISettings
{
    /// <summary>The least <c>Maximum Pool Size</c>: with fewer, background work would wait for connections that its own parts hold.</summary>
    internal const int FewestConnections = 10;

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public static string Section => "Database";

    /// <summary>
    /// Connections that are kept free for background work: timers, the relay, consumers, readiness and who listens. They are part of
    /// <c>Maximum Pool Size</c>, at most three tenths of it; requests have the others. Two at least: who listens, and who holds a shard of the
    /// outbox, keeps one while others work.
    /// </summary>
    public int BackgroundConnections { get; set; } = 30;

    /// <summary>Statements of requests; searches have less (<c>TaskSearch.Timeout</c>).</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Statements of background work.</summary>
    public TimeSpan BackgroundTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Statements of migrations, of what deletes what is old, and of what deletes an account with everything in it.</summary>
    public TimeSpan MaintenanceTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary><see cref="MaintenanceTimeout"/> as a command takes it.</summary>
    internal int MaintenanceSeconds => Seconds(MaintenanceTimeout);

    /// <summary>How many of a pool's connections are for background work.</summary>
    internal int BackgroundOf(int connections) => Math.Min(BackgroundConnections, connections * 3 / 10);

    /// <summary>A time as a command takes it.</summary>
    internal static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        if (BackgroundConnections is < 2 or > 1000)
        {
            yield return $"Database:{nameof(BackgroundConnections)} must be between 2 and 1000.";
        }

        foreach (var (name, value) in new[]
        {
            (nameof(RequestTimeout), RequestTimeout), (nameof(BackgroundTimeout), BackgroundTimeout), (nameof(MaintenanceTimeout), MaintenanceTimeout),
        })
        {
            if (value < Shortest || value > Longest)
            {
                yield return $"Database:{name} must be between {Shortest} and {Longest}.";
            }
        }
    }
}
