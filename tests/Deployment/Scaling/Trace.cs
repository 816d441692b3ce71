namespace TodoFlow.Tests.Deployment.Scaling;

/// <summary>What users do, in seconds from the trace's beginning on.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Hours">How long it is.</param>
/// <param name="Created">When tasks are created.</param>
/// <param name="Completed">When recurring tasks are completed.</param>
/// <param name="Reminders">When reminders ring, each with when it was made, in the order in which they ring.</param>
public sealed record Trace(string Name, double Hours, IReadOnlyList<double> Created, IReadOnlyList<double> Completed, IReadOnlyList<(double Made, double Due)> Reminders)
{
    private const int Minute = 60;
    private const int Hour = 3600;

    /// <summary>The traces of the table.</summary>
    public static IReadOnlyList<Trace> All { get; } =
    [
        Steady("a task an hour", 24, Hour, completedAfter: 20 * Minute, ringsAfter: 40 * Minute),
        Steady("a task a minute", 8, Minute, completedAfter: 5 * Minute, ringsAfter: 10 * Minute),
        Steady("a task a second", 2, 1, completedAfter: 5 * Minute, ringsAfter: 10 * Minute),
        new("a burst of 10,000", 2, [], [.. Range(10_000, i => 600 + (i / 1000.0))], [.. Range(10_000, _ => (0.0, 3600.0))]),
        new("a quiet night", 12, [10], [20, (9 * Hour) + 67], [(15.0, 9.0 * Hour)]),
    ];

    // The place within the interval differs from one to the next, as that of KEDA's looks does.
    private static Trace Steady(string name, int hours, int every, int completedAfter, int ringsAfter)
    {
        List<double> created = [.. Range(hours * Hour / every, i => (i * every) + (i * 0.618034 % 1 * Math.Min(every, Minute)))];
        var end = hours * Hour;
        return new(
            name, hours, created,
            [.. created.Select(time => time + completedAfter + (time * 0.7548777 % 1 * Minute)).Where(time => time < end - Minute).Order()],
            [.. created.Select(time => (time, time + ringsAfter)).Where(reminder => reminder.Item2 < end - Minute)]);
    }

    private static IEnumerable<T> Range<T>(int count, Func<int, T> at) => Enumerable.Range(0, count).Select(at);
}
