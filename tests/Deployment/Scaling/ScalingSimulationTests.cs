using System.Globalization;
using System.Text;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment.Scaling;

/// <summary>
/// The chart's defaults follow from a simulation, whose table keda/README.md shows. Where it differs: <c>keda/simulate</c>, a test run with
/// <c>TODOFLOW_WRITE_SCALING=1</c>, writes it anew.
/// </summary>
public sealed class ScalingSimulationTests
{
    private const string Page = "keda/README.md";
    private const string Begin = "<!-- keda/simulate writes what follows -->\n";
    private const string End = "<!-- to here -->\n";

    private static readonly ScalingSettings Warm = ScalingSettings.OfChart("`warm`", isWarm: true);
    private static readonly ScalingSettings FromZero = ScalingSettings.OfChart("`from-zero`", isWarm: false);

    // The defaults, and what each of them is for: the same without it.
    private static readonly ScalingSettings[] Settings =
    [
        Warm,
        Warm.With("`warm`, `backlog: 0`", (_, group) => group with { Activation = 0 }),
        Warm.With("`warm`, ten times the `backlog`", (_, group) => group with { Activation = 10 * group.Activation }),
        FromZero,
        FromZero.With("…, `pollingInterval: 15`", (_, group) => group with { PollingInterval = 15 }),
        FromZero with { Name = "…, `recentMinutes: 30`", RecentMinutes = 30 },
        FromZero.With("by the lag alone, every 15 s", (name, group) => group with { PollingInterval = 15, WakesByRecent = false, WakesByDue = name == "scheduler" }),
    ];

    private static readonly Lazy<IReadOnlyList<(Trace Trace, ScalingSettings Settings, ScalingSimulation Result)>> Runs = new(() =>
        [.. Trace.All.SelectMany(trace => Settings, (trace, settings) => (trace, settings)).AsParallel().AsOrdered()
            .Select(run => (run.trace, run.settings, ScalingSimulation.Run(run.settings, run.trace)))]);

    [Fact]
    public void The_table_of_the_page_is_what_the_simulation_gives_for_the_charts_values()
    {
        var page = Repository.Read(Page);
        var (from, to) = (page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.IndexOf(End, StringComparison.Ordinal));
        var table = Table();
        if (Environment.GetEnvironmentVariable("TODOFLOW_WRITE_SCALING") == "1")
        {
            File.WriteAllText(Repository.PathOf(Page), page[..from] + table + page[to..]);
            return;
        }

        Assert.Equal(table, page[from..to]);
    }

    [Fact]
    public void In_the_profile_warm_nobody_waits_for_a_pod_and_none_comes_without_a_backlog()
    {
        Assert.All(Of(Warm).Where(run => run.Trace.Completed.Count < 10_000), run =>
        {
            Assert.True(run.Result.Reminders.Max() <= 0.25, run.Trace.Name);
            Assert.True(run.Result.Occurrences.Max() <= 0.25, run.Trace.Name);
            Assert.Equal(0, run.Result.PodHours);
        });
        Assert.True(Of(Warm).Single(run => run.Trace.Completed.Count == 10_000).Result.Started > 0);
    }

    [Fact]
    public void From_zero_reminders_ring_in_time_and_the_next_occurrence_follows_within_five_seconds()
    {
        Assert.All(Of(FromZero).Where(run => run.Trace.Completed.Count < 10_000), run =>
        {
            Assert.True(run.Result.Reminders.Max() <= 0.25, run.Trace.Name);
            Assert.True(At(run.Result.Occurrences, 0.95) <= 5, run.Trace.Name);
        });
    }

    [Theory]
    [InlineData("a task a minute")]
    [InlineData("a task a second")]
    public void From_zero_a_group_with_traffic_stays(string trace) =>
        Assert.Equal(1, Of(FromZero).Single(run => run.Trace.Name == trace).Result.MostStarted);

    [Fact]
    public void The_simulation_finds_what_was_measured_on_a_cluster_of_groups_that_wake_by_their_lag_alone()
    {
        // A reminder 1.8, 7.0 and 16.8 s late, a next occurrence up to 21.6 s; under a task every few seconds, groups left and came back.
        var hourly = Of(Settings[^1]).Single(run => run.Trace.Name == "a task an hour").Result;

        Assert.InRange(hourly.Reminders.Max(), 7, 20);
        Assert.InRange(hourly.Occurrences.Max(), 7, 22);
    }

    private static IEnumerable<(Trace Trace, ScalingSettings Settings, ScalingSimulation Result)> Of(ScalingSettings settings) =>
        Runs.Value.Where(run => run.Settings == settings);

    private static string Table()
    {
        var table = new StringBuilder(
            """
            | | setting | a reminder late, p95 and most | next occurrence after, p95 and most | pod-hours a day | pods started a day |
            |---|---|---|---|---|---|

            """);
        string? before = null;
        foreach (var (trace, settings, result) in Runs.Value)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {(trace.Name == before ? "" : trace.Name)} | {settings.Name} | {Seconds(result.Reminders)} | {Seconds(result.Occurrences)} | {result.PodHours:0.0} | {result.Started:0} |\n");
            before = trace.Name;
        }

        return table.ToString();

        static string Seconds(List<double> values) => string.Create(CultureInfo.InvariantCulture, $"{At(values, 0.95):0.0} · {values.Max():0.0} s");
    }

    private static double At(List<double> values, double share) => values.Order().ElementAt((int)Math.Ceiling(share * values.Count) - 1);
}
