using System.Globalization;
using System.Text.Json;

namespace TodoFlow.Bench.Reminders;

/// <summary>
/// Queues of Node that keep delayed jobs in PostgreSQL: <c>twins/twin.mjs</c> runs them with the packages that its lock file pins, which
/// are installed once per checkout.
/// </summary>
public static class ReminderTwin
{
    // By default pg-boss takes one job in two seconds: nobody waits for ten thousand.
    private const int LongestMilliseconds = 20_000;

    /// <summary>The systems.</summary>
    public static IReadOnlyList<string> Systems { get; } = ["graphile-worker", "pg-boss"];

    /// <summary>How each is set: as it comes, and as its documentation tunes it.</summary>
    public static IReadOnlyList<string> Modes { get; } = ["default", "tuned"];

    /// <summary>Works so many jobs off in a database of its own.</summary>
    /// <param name="server">The server.</param>
    /// <param name="system">One of <see cref="Systems"/>.</param>
    /// <param name="mode">One of <see cref="Modes"/>.</param>
    /// <param name="count">How many jobs.</param>
    /// <param name="span">How long after the first instant the last one is.</param>
    public static async Task<Lateness> Measure(string server, string system, string mode, int count, TimeSpan span)
    {
        var folder = await NodePackages.Install("Reminders");
        var database = await BenchDatabase.CreateEmpty(server);
        var answer = await NodePackages.Run(
            folder, "node", [("DATABASE_URL", NodePackages.Url(database))],
            "twin.mjs", system, mode, $"{count}", $"{span.TotalMilliseconds:0}", $"{LongestMilliseconds}");
        await BenchDatabase.Drop(server, database);
        var figures = JsonDocument.Parse(answer.TrimEnd().Split('\n')[^1]).RootElement; // below what its library logs;
        return new(
            $"{system}, {mode}", "handler begun", figures.GetProperty("early").GetInt32(), Of("p50"), Of("p95"), Of("p99"), Of("max"));

        double? Of(string name) => figures.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;
    }
}

/// <summary>How late jobs were, in milliseconds.</summary>
/// <param name="System">Whose jobs.</param>
/// <param name="Until">Until when the clock runs.</param>
/// <param name="Early">How many came before their instant.</param>
/// <param name="P50">The median; null where so many were not done in time.</param>
/// <param name="P95">The 95th percentile.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="Max">The latest.</param>
public sealed record Lateness(string System, string Until, int Early, double? P50, double? P95, double? P99, double? Max)
{
    /// <summary>Its row of a table.</summary>
    public override string ToString() => $"| {System} | {Until} | {Early} | {Text(P50)} | {Text(P95)} | {Text(P99)} | {Text(Max)} |";

    private static string Text(double? milliseconds) => milliseconds?.ToString("0.0", CultureInfo.InvariantCulture) ?? "not done";
}
