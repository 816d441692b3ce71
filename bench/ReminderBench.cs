using Npgsql;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench;

/// <summary>
/// How late reminders fire, from the stored instants. <c>fired_at</c> is stamped by the host when it makes the event, in the
/// transaction that claims the reminder; <c>published_at</c> when the committed event enters the log that consumers read.
/// </summary>
public static class ReminderBench
{
    private const int Reminders = 10_000;

    private static readonly TimeSpan SeedTime = TimeSpan.FromSeconds(10);

    // Everything has fired, and everything that came of it is done: the next round has the machine to itself.
    private const string Settled =
        """
        select not exists (select from reminder where due_at is not null) and not exists (select from outbox where published_at is null)
            and not exists (
                select from consumer_cursor as cursor
                where exists (select from outbox as row where row.topic = cursor.topic and row.lane = cursor.lane and row.sequence > cursor.sequence))
        """;

    // As a cluster runs them: the timers in processes of their own, the consumers elsewhere. The routes are what the bench signs up by.
    private static readonly string[] TimersAlone = ["FireReminders", "RelayOutbox", "RegisterUser", "GetMe", "GetHealthReady"];

    /// <summary>Measures both shapes of load, by the timers alone and by a whole host, and prints a table.</summary>
    public static async Task Run(string server)
    {
        Console.WriteLine($"{Reminders} reminders, each of a task of its own; milliseconds after the instant");
        Console.WriteLine();
        Console.WriteLine("| process | load | until | early | p50 | p95 | p99 | max |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        await Measure(server, "timers alone", TimersAlone);
        await Measure(server, "whole host", []);
    }

    private static async Task Measure(string server, string process, IEnumerable<string> functions)
    {
        (string, string)[] settings =
            [("Events__Transport", "postgres"), .. functions.Select((name, index) => ($"AzureFunctionsJobHost__functions__{index}", name))];
        await using var host = await BenchHost.Start(server, settings);
        var user = Guid.Parse((await host.Get("/api/me"))["id"]!.GetValue<string>());
        await using var database = NpgsqlDataSource.Create(host.ConnectionString);
        await Round(database, user, 1000, TimeSpan.FromSeconds(1), null); // to warm up
        await Round(database, user, Reminders, TimeSpan.FromSeconds(10), $"{process} | spread over 10 s");
        await Round(database, user, Reminders, TimeSpan.Zero, $"{process} | at the same instant");
    }

    private static async Task Round(NpgsqlDataSource database, Guid user, int count, TimeSpan span, string? load)
    {
        var soon = DateTimeOffset.UtcNow + SeedTime;
        var first = soon.AddTicks(-(soon.Ticks % TimeSpan.TicksPerMicrosecond)); // what PostgreSQL keeps
        await ReminderSeed.Add(database, user, count, first, span);
        if (DateTimeOffset.UtcNow > first)
        {
            throw new TimeoutException("Storing the reminders took until after their instant: the machine is too busy to measure.");
        }

        await Task.Delay(first - DateTimeOffset.UtcNow + span + TimeSpan.FromSeconds(2)); // a poll would take what is measured
        while (!await Scalar<bool>(database, Settled))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }

        if (load is null)
        {
            return;
        }

        foreach (var (until, column) in new[] { ("fired", "fired_at"), ("published", "published_at") })
        {
            var row = await Scalar<double[]>(
                database,
                $"""
                select array[count(*) filter (where late < 0)] || percentile_cont(array[0.5, 0.95, 0.99, 1.0]) within group (order by late)
                from (select extract(epoch from {column} - remind_at)::float8 * 1000 as late
                      from reminder join outbox on event_id = due_event_id where remind_at >= '{first:O}') as t
                """);
            Console.WriteLine($"| {load} | {until} | {row[0]:0} | {row[1]:0.0} | {row[2]:0.0} | {row[3]:0.0} | {row[4]:0.0} |");
        }
    }

    private static async Task<T> Scalar<T>(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
