using System.Globalization;
using Npgsql;
using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Reminders;

/// <summary>
/// How late reminders fire, from the stored instants. <c>fired_at</c> is stamped by the host when it makes the event, in the
/// transaction that claims the reminder; <c>published_at</c> when the committed event enters the log that consumers read.
/// </summary>
public static class ReminderBench
{
    private const string TimersAloneName = "TodoFlow, timers alone", WholeHost = "TodoFlow, whole host";

    private static readonly TimeSpan SeedTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(10);

    // Everything has fired, and everything that came of it is done: the next round has the machine to itself.
    private const string Settled =
        """
        select not exists (select from reminder where due_at is not null) and not exists (select from outbox where published_at is null)
            and not exists (
                select from consumer_cursor as cursor
                where exists (select from outbox as row where row.topic = cursor.topic and row.shard = cursor.shard and row.sequence > cursor.sequence))
        """;

    // As a cluster runs them: the timers in processes of their own, the consumers elsewhere. The routes are what the bench signs up by.
    private static readonly string[] TimersAlone = ["FireReminders", "RelayOutbox", "RegisterUser", "GetMe"];

    /// <summary>Measures both shapes of load: by the timers alone, by a whole host, and by the twins.</summary>
    public static async Task Run(BenchOptions options)
    {
        var machine = await Machine.Describe(options.Server);
        var count = options.IsQuick ? 2_000 : 10_000;
        var span = Spread * count / 10_000; // 1,000 a second
        var loads = new List<ReminderLoad> { new($"spread over {span.TotalSeconds:0} s", span, []), new("at one instant", TimeSpan.Zero, []) };
        if (Wanted(options, TimersAloneName))
        {
            await Measure(options.Server, TimersAloneName, BenchHost.Only(TimersAlone), count, loads);
        }

        if (Wanted(options, WholeHost))
        {
            await Measure(options.Server, WholeHost, [], count, loads);
        }

        foreach (var (system, mode) in from system in ReminderTwin.Systems from mode in ReminderTwin.Modes where Wanted(options, $"{system} {mode}") select (system, mode))
        {
            if (!NodePackages.CanRun())
            {
                throw new InvalidOperationException($"{system} needs Node and npm, which are not on this machine; --only TodoFlow does without.");
            }

            foreach (var load in loads)
            {
                load.Add(await ReminderTwin.Measure(options.Server, system, mode, count, load.Span));
            }
        }

        var page = new PerformancePage("reminders", machine, options.Command("reminders"));
        await page.Publish(Tables(loads, count), Draw(loads), loads, options.IsWhole);
    }

    private static bool Wanted(BenchOptions options, string name) => options.Only is null || name.Contains(options.Only, StringComparison.OrdinalIgnoreCase);

    private static async Task Measure(string server, string process, IEnumerable<(string, string)> settings, int count, List<ReminderLoad> loads)
    {
        await using var host = await BenchHost.Start(server, [("Events__Transport", "postgres"), .. settings]);
        var user = Guid.Parse((await host.Get("/api/me"))["id"]!.GetValue<string>());
        await using var database = NpgsqlDataSource.Create(host.ConnectionString);
        await Round(database, user, 1000, TimeSpan.FromSeconds(1)); // to warm up
        foreach (var load in loads)
        {
            var first = await Round(database, user, count, load.Span);
            load.Add(await Read(database, first, process, "fired", "fired_at"));
            load.Add(await Read(database, first, process, "published", "published_at"));
        }
    }

    private static async Task<DateTimeOffset> Round(NpgsqlDataSource database, Guid user, int count, TimeSpan span)
    {
        var soon = DateTimeOffset.UtcNow + SeedTime;
        var first = soon.AddTicks(-(soon.Ticks % TimeSpan.TicksPerMicrosecond)); // what PostgreSQL keeps
        await ReminderSeed.Add(database, user, count, first, span);
        if (DateTimeOffset.UtcNow > first)
        {
            throw new TimeoutException("Storing the reminders took until after their instant: the machine is too busy to measure.");
        }

        await Task.Delay(first - DateTimeOffset.UtcNow + span + TimeSpan.FromSeconds(2)); // a poll would take what is measured
        while (!await database.Ask<bool>(Settled))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }

        return first;
    }

    private static async Task<Lateness> Read(NpgsqlDataSource database, DateTimeOffset first, string process, string until, string column)
    {
        var row = await database.Ask<double[]>(
            $"""
            select array[count(*) filter (where late < 0)] || percentile_cont(array[0.5, 0.95, 0.99, 1.0]) within group (order by late)
            from (select extract(epoch from {column} - remind_at)::float8 * 1000 as late
                  from reminder join outbox on event_id = due_event_id where remind_at >= '{first:O}') as t
            """);
        return new(process, until, (int)row[0], row[1], row[2], row[3], row[4]);
    }

    private static string Tables(List<ReminderLoad> loads, int count)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"{count:N0} jobs, milliseconds after the instant of each.");
        foreach (var load in loads)
        {
            text.WriteLine();
            text.WriteLine($"**{load.Name}**");
            text.WriteLine();
            text.WriteLine("| | until | early | p50 | p95 | p99 | max |");
            text.WriteLine("|---|---|---:|---:|---:|---:|---:|");
            load.Results.ForEach(result => text.WriteLine(result));
        }

        return text.ToString();
    }

    private static string Draw(List<ReminderLoad> loads) => BarChart.Draw(
        "Reminders: how late they fire", "milliseconds",
        [
            .. from load in loads
               from result in load.Results
               where result.Until != "published"
               from bar in new[] { ("p50", result.P50), ("p99", result.P99), ("max", result.Max) }
               let late = bar.Item2 ?? double.NaN
               where !double.IsNaN(late) && late > 0
               select new Bar($"{result.System}, {load.Name}", bar.Item1, late, string.Create(CultureInfo.InvariantCulture, $"{late:0.0} ms")),
        ],
        logarithmic: true);
}

/// <summary>A shape of load, and how late everybody was under it.</summary>
public sealed record ReminderLoad(string Name, TimeSpan Span, List<Lateness> Results)
{
    /// <summary>Adds one, and tells it.</summary>
    public void Add(Lateness result)
    {
        Console.WriteLine($"{Name}: {result}");
        Results.Add(result);
    }
}
