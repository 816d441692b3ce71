using System.Globalization;
using Npgsql;
using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Fairness;

/// <summary>
/// What ten ordinary users and a hundred reminders a minute notice of one hostile user, at the memory that the chart gives a pod: attack by
/// attack, each against a process of everything that has just started. Beside it, where <c>--contender</c> names one, another build.
/// </summary>
public static class FairnessBench
{
    private const string ThisBuild = "this build", NoAttack = "nobody";
    private const int RemindersPerMinute = 100;

    // The chart's limit of the group api; of it .NET takes three quarters for its heap, as it does in a container.
    private const int LimitMiB = 512;
    private const int HeapMiB = LimitMiB * 3 / 4;

    // The goals of docs/performance.md.
    private const double MostP99 = 250, MostLate = 1000;

    private static readonly (string Name, string Value)[] Settings =
    [
        ("Events__Transport", "postgres"),
        ("DOTNET_GCHeapHardLimit", $"0x{HeapMiB * 1024 * 1024:x}"),
        ("RateLimits__RequestsPerSecond", "200"), ("RateLimits__TrustedProxies", "1"), // the defaults, and an ingress
    ];

    /// <summary>Measures every attack.</summary>
    public static async Task Run(BenchOptions options)
    {
        var machine = await Machine.Describe(options.Server);
        var time = TimeSpan.FromSeconds(options.Seconds ?? (options.IsQuick ? 6 : 20));
        var rounds = new List<FairnessRound>();
        if (options.Contender is { } program)
        {
            await Measure(options, "before", Path.GetFullPath(program), time, rounds);
        }

        await Measure(options, ThisBuild, BenchHost.Assembly, time, rounds);
        var page = new PerformancePage("fairness", machine, options.Command("fairness"));
        await page.Publish(Tables(rounds, time), Draw(rounds), rounds, options.IsWhole);
    }

    private static async Task Measure(BenchOptions options, string build, string program, TimeSpan time, List<FairnessRound> rounds)
    {
        var database = await BenchDatabase.Create(options.Server, program);
        try
        {
            OrdinaryUsers ordinary;
            HostileUser hostile;
            await using (var server = await BenchHost.Launch(program, database, [("RateLimits__SignInsPerMinute", "1000000")]))
            {
                ordinary = await OrdinaryUsers.SignUp(server.Address);
                hostile = await HostileUser.SignUp(server.Address, database);
                await server.Stop();
            }

            using var users = ordinary;
            await BenchDatabase.Execute(database, "vacuum analyze");
            foreach (var attack in hostile.Attacks.Prepend(new Attack(NoAttack, 0, _ => null!)).Where(attack => options.Only is null || attack.Name.Contains(options.Only, StringComparison.Ordinal)))
            {
                rounds.Add(await Round(build, program, database, users, hostile, attack, time));
                Console.WriteLine(Row(rounds[^1]));
            }
        }
        finally
        {
            await BenchDatabase.Drop(options.Server, database);
        }
    }

    private static async Task<FairnessRound> Round(
        string build, string program, string database, OrdinaryUsers ordinary, HostileUser hostile, Attack attack, TimeSpan time)
    {
        await using var server = await BenchHost.Launch(program, database, Settings);
        await using var source = NpgsqlDataSource.Create(database);
        await ordinary.Send(server.Address, TimeSpan.FromSeconds(6)); // to warm up
        var first = DateTimeOffset.UtcNow.AddSeconds(1);
        await ReminderSeed.Add(source, ordinary.First, (int)(RemindersPerMinute * time.TotalMinutes), first, time - TimeSpan.FromSeconds(2));
        using var over = new CancellationTokenSource();
        var attacking = hostile.Run(attack, server.Address, over.Token);
        var met = await ordinary.Send(server.Address, time);
        var late = await source.Ask<double>(
            $"select max(extract(epoch from coalesce(fired_at, now()) - remind_at))::float8 * 1000 from reminder where remind_at >= '{first:O}' and remind_at < now()");
        await over.CancelAsync();
        return FairnessRound.Of(build, attack.Name, met, late, server.PeakResidentBytes, await attacking);
    }

    private static string Tables(List<FairnessRound> rounds, TimeSpan time)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine(
            $"{time.TotalSeconds:0} s for each attack. Goals: p99 below {MostP99:0} ms, no 5xx, no reminder later than {MostLate:0} ms, memory below {LimitMiB} MiB. **Bold** is what misses one.");
        foreach (var build in rounds.GroupBy(round => round.Build))
        {
            text.WriteLine();
            text.WriteLine($"| {build.Key}: who attacks | p50 ms | p99 | max | sign-in p50 | max | 5xx or none | latest reminder ms | peak MiB | the hostile user's statuses |");
            text.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---|");
            foreach (var round in build)
            {
                text.WriteLine(Row(round));
            }
        }

        return text.ToString();
    }

    private static string Row(FairnessRound round) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {round.Attack} | {round.P50:0.0} | {Held(round.P99, MostP99)} | {round.Max:0} | {round.SignInP50:0} | {round.SignInMax:0} | {Held(round.Failed, 0)} | {Held(round.Late, MostLate)} | {Held(round.PeakMiB, LimitMiB)} | {string.Join(", ", round.Hostile.Select(status => $"{(status.Key == 0 ? "none" : status.Key)}: {status.Value}"))} |");

    private static string Held(double value, double most) => string.Create(CultureInfo.InvariantCulture, $"{(value > most ? $"**{value:0}**" : $"{value:0}")}");

    private static string Draw(List<FairnessRound> rounds) => BarChart.Draw(
        "Ordinary users beside a hostile one", "milliseconds",
        [
            .. from round in rounds
               from bar in new[] { ("p50", round.P50), ("p99", round.P99), ("latest reminder", round.Late) }
               select new Bar($"{round.Build}, {round.Attack.Split(':')[0]}", bar.Item1, Math.Max(bar.Item2, 0.1), string.Create(CultureInfo.InvariantCulture, $"{bar.Item2:0} ms")),
        ],
        logarithmic: true);
}
