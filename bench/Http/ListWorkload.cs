using System.Globalization;

namespace TodoFlow.Bench.Http;

/// <summary>A list by one sort within one filter; what the filter asks for is drawn anew for each request.</summary>
/// <param name="Name">Its name in the tables.</param>
/// <param name="Query">The query of a request, for <c>GET /api/tasks</c>.</param>
public sealed record ListWorkload(string Name, Func<Random, string> Query)
{
    private const int RangeDays = 30, DueDays = 400; // tasks are due within so many days

    private static readonly DateTime FirstDue = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    // Each in the direction that people ask for.
    private static IReadOnlyList<(string Sort, string Order)> Sorts { get; } =
        [("created_at", "desc"), ("updated_at", "desc"), ("due_date", "asc"), ("priority", "desc"), ("title", "asc")];

    private static IReadOnlyList<(string Name, Func<Random, string> Query)> Filters { get; } =
    [
        ("no filter", _ => ""),
        ("status", random => $"&status={One(random, "pending", "completed")}"),
        ("priority", random => $"&priority={One(random, "low", "medium", "high")}"),
        ("one tag", random => $"&tags={TaskData.Words[random.Next(TaskData.Words.Count)]}"),
        ("two tags", random =>
        {
            var first = random.Next(TaskData.Words.Count);
            return $"&tags={TaskData.Words[first]},{TaskData.Words[(first + 4) % TaskData.Words.Count]}"; // as some tasks have them
        }),
        ("due range", random =>
        {
            var from = FirstDue.AddDays(random.Next(DueDays - RangeDays));
            return string.Create(CultureInfo.InvariantCulture, $"&due_after={from:yyyy-MM-ddTHH:mm:ssZ}&due_before={from.AddDays(RangeDays):yyyy-MM-ddTHH:mm:ssZ}");
        }),
    ];

    /// <summary>Every sort within every filter.</summary>
    public static IReadOnlyList<ListWorkload> All { get; } =
    [
        .. from sort in Sorts
           from filter in Filters
           select new ListWorkload(
               $"list by {sort.Sort}, {filter.Name}",
               random => $"/api/tasks?sort_by={sort.Sort}&order={sort.Order}&limit=50{filter.Query(random)}"),
    ];

    /// <summary>Some of them, by chance.</summary>
    public static IReadOnlyList<ListWorkload> Draw(int seed, int count)
    {
        var all = All.ToArray();
        new Random(seed).Shuffle(all);
        return all[..count];
    }

    private static string One(Random random, params ReadOnlySpan<string> values) => values[random.Next(values.Length)];
}
