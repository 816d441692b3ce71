using System.Text.Json.Nodes;
using System.Web;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>A user of 10,000 tasks among 200,000.</summary>
public sealed class ManyTasksApp : TestApp
{
    /// <summary>The tests that share it.</summary>
    public const string Collection = "many tasks";

    private const int Others = 19;

    /// <summary>The user's tasks, in memory.</summary>
    public List<SeedTask> Tasks { get; private set; } = [];

    /// <summary>The user.</summary>
    public ApiClient Alice { get; private set; } = null!;

    /// <summary>The user's id.</summary>
    public Guid AliceId { get; private set; }

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Database.Execute("alter table task_item set (autovacuum_enabled = off); alter table task_tag set (autovacuum_enabled = off)");
        Alice = await SignUp();
        AliceId = Guid.Parse((await Alice.Get("/api/me")).Is(200).Text("id"));
        Tasks = await TaskSeed.Tasks(Database, AliceId, 10_000, seed: 1);
        foreach (var (user, seed) in (await TaskSeed.Users(Database, Others)).Select((user, i) => (user, i + 2)))
        {
            await TaskSeed.Tasks(Database, user, 10_000, seed);
        }

        await Vacuum();
    }

    // As autovacuum would, in the middle of a test. Lists look at rows as well where a row does not count as visible to all yet: as long as the log is not
    // written of a commit that did not wait for it, or of one of the 32 transactions around it (PostgreSQL's "src/backend/access/transam/README").
    private async Task Vacuum()
    {
        do
        {
            await Database.Execute("checkpoint"); // writes the log
            await Database.Execute("vacuum task_item, task_tag");
        }
        while ((await Database.Column<string>("select relname::text from pg_class where relname in ('task_item', 'task_tag') and relallvisible < relpages")).Count > 0);

        await Database.Execute("analyze task_item, task_tag");
    }

    public override async Task DisposeAsync()
    {
        Alice.Dispose();
        await base.DisposeAsync();
    }
}

[CollectionDefinition(ManyTasksApp.Collection)]
public sealed class ManyTasksCollection : ICollectionFixture<ManyTasksApp>;

[Collection(ManyTasksApp.Collection)]
public class ManyTasksTests(ManyTasksApp app)
{
    public static TheoryData<string, Func<SeedTask, bool>> Filters() => new()
    {
        { "", _ => true },
        { "status=pending", task => !task.Completed },
        { "priority=high", task => task.Priority == 2 },
        { "status=pending&status=completed", _ => true },
        { "priority=high&priority=low", task => task.Priority != 1 },
        { "priority=low&priority=medium&priority=high&status=pending", task => !task.Completed },
        { "status=completed&priority=low", task => task.Completed && task.Priority == 0 },
        { "tags=alpha", task => task.Tags.Contains("alpha") },
        { "tags=alpha,bravo", task => task.Tags.Contains("alpha") && task.Tags.Contains("bravo") },
        { "tags=alpha&tags=bravo", task => task.Tags.Contains("alpha") && task.Tags.Contains("bravo") },
        { "tags_any=alpha,bravo", task => task.Tags.Contains("alpha") || task.Tags.Contains("bravo") },
        { "tags=alpha,bravo,golf", task => new[] { "alpha", "bravo", "golf" }.All(task.Tags.Contains) },
        { "tags=alpha&tags_any=bravo,golf", task => task.Tags.Contains("alpha") && (task.Tags.Contains("bravo") || task.Tags.Contains("golf")) },
        { "tags=alpha&priority=high&status=pending", task => task.Tags.Contains("alpha") && task.Priority == 2 && !task.Completed },
        { "tags=alpha&due_before=2026-06-01", task => task.Tags.Contains("alpha") && task.Due < At(2026, 6, 1) },
        { "tags=missing", _ => false },
        { "due_before=2026-06-01", task => task.Due < At(2026, 6, 1) },
        { "due_after=2026-06-01", task => task.Due >= At(2026, 6, 2) },
        { "due_after=2026-06-01T12:00:00Z", task => task.Due > At(2026, 6, 1).AddHours(12) },
        { "due_after=2026-05-31&due_before=2026-07-01&status=pending", task => !task.Completed && task.Due >= At(2026, 6, 1) && task.Due < At(2026, 7, 1) },
        { "overdue=true", task => !task.Completed && task.Due <= DateTimeOffset.UtcNow },
        { "overdue=false", task => task.Completed || task.Due is null || task.Due > DateTimeOffset.UtcNow },
        { "updated_after=2026-01-05T00:00:00Z", task => task.UpdatedAt > At(2026, 1, 5) },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_filter_gives_what_a_naive_one_gives(string query, Func<SeedTask, bool> naive)
    {
        var expected = app.Tasks.Where(naive).OrderByDescending(task => task.CreatedAt).ThenByDescending(task => task.Id, Bytes).ToList();

        var answer = (await app.Alice.Get($"/api/tasks?{query}&count=true&limit=200")).Is(200);

        Assert.Equal(expected.Count, int.Parse(answer.Header("X-Total-Count")!));
        Assert.Equal(expected.Take(200).Select(task => task.Id), Ids(answer.Json));
    }

    [Theory]
    [InlineData("created_at", "asc")]
    [InlineData("created_at", "desc")]
    [InlineData("updated_at", "asc")]
    [InlineData("updated_at", "desc")]
    [InlineData("due_date", "asc")]
    [InlineData("due_date", "desc")]
    [InlineData("priority", "asc")]
    [InlineData("priority", "desc")]
    [InlineData("title", "asc")]
    [InlineData("title", "desc")]
    public async Task The_pages_of_a_cursor_are_the_sorted_whole(string sort, string order)
    {
        var expected = Sorted(app.Tasks.Where(task => task.Tags.Contains("golf")), sort, order == "desc").Select(task => task.Id).ToList();

        var seen = new List<Guid>();
        for (var path = $"/api/tasks?tags=golf&sort_by={sort}&order={order}&limit=170"; path is not null;)
        {
            var page = (await app.Alice.Get(path)).Is(200);
            seen.AddRange(Ids(page.Json));
            path = Next(page);
        }

        Assert.Equal(expected, seen);
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Each_sort_within_a_filter_is_the_naive_one(string query, Func<SeedTask, bool> naive)
    {
        foreach (var sort in new[] { "updated_at", "due_date", "priority", "title" })
        {
            foreach (var order in new[] { "asc", "desc" })
            {
                var expected = Sorted(app.Tasks.Where(naive), sort, order == "desc").Take(150).Select(task => task.Id);
                var first = (await app.Alice.Get($"/api/tasks?{query}&sort_by={sort}&order={order}&limit=75")).Is(200);
                var second = Next(first) is { } next ? Ids((await app.Alice.Get(next)).Is(200).Json) : [];

                Assert.Equal(expected, Ids(first.Json).Concat(second));
            }
        }
    }

    [Theory]
    [InlineData("asc", 0)]
    [InlineData("asc", 8_950)]
    [InlineData("asc", 9_500)]
    [InlineData("desc", 8_950)]
    [InlineData("desc", 10_000)]
    public async Task An_offset_skips_over_the_end_of_the_due_dates(string order, int offset)
    {
        var expected = Sorted(app.Tasks, "due_date", order == "desc").Skip(offset).Take(100).Select(task => task.Id);

        Assert.Equal(expected, Ids((await app.Alice.Get($"/api/tasks?sort_by=due_date&order={order}&limit=100&offset={offset}")).Is(200).Json));
    }

    [Fact]
    public async Task A_search_finds_and_counts_what_a_naive_one_finds()
    {
        var needles = app.Tasks.Where(task => task.Title.Contains("needle", StringComparison.Ordinal)).Select(task => task.Id).Order().ToList();

        var found = (await app.Alice.Post("/api/tasks/search", new { query = "needle", limit = 200 })).Is(200);
        var prefix = (await app.Alice.Post("/api/tasks/search", new { query = "task need", limit = 200 })).Is(200);
        var narrowed = (await app.Alice.Post("/api/tasks/search", new { query = "need", filters = new { status = "pending", tags = new[] { "echo" } }, sort_by = "due_date", order = "asc" })).Is(200);

        Assert.Equal(needles, Ids(found["results"]!).Order());
        Assert.Equal(needles.Count, found["total_count"]!.GetValue<int>());
        Assert.Equal(needles, Ids(prefix["results"]!).Order());
        Assert.Equal(
            Sorted(app.Tasks.Where(task => needles.Contains(task.Id) && !task.Completed && task.Tags.Contains("echo")), "due_date", false).Select(task => task.Id),
            Ids(narrowed["results"]!));
    }

    [Theory]
    [InlineData("alpha bravo", "alpha", "bravo", null)]
    [InlineData("alpha -bravo", "alpha", null, "bravo")]
    public async Task Web_search_syntax_counts_exactly(string query, string one, string? two, string? without)
    {
        bool Has(SeedTask task, string? word) =>
            word is null || task.Title.Contains(word, StringComparison.Ordinal) || task.Description?.Contains(word, StringComparison.Ordinal) == true || task.Tags.Contains(word);
        var expected = app.Tasks.Count(task => Has(task, one) && Has(task, two) && (without is null || !Has(task, without)));

        var found = (await app.Alice.Post("/api/tasks/search", new { query })).Is(200);
        var behind = (await app.Alice.Post("/api/tasks/search", new { query, offset = 10_000 })).Is(200);

        Assert.Equal(expected, found["total_count"]!.GetValue<int>());
        Assert.Equal(expected, behind["total_count"]!.GetValue<int>());
        Assert.Empty(behind["results"]!.AsArray());
    }

    [Fact]
    public async Task A_word_that_every_task_has_is_counted_to_ten_thousand()
    {
        var found = (await app.Alice.Post("/api/tasks/search", new { query = "task" })).Is(200);

        Assert.Equal(10_000, found["total_count"]!.GetValue<int>());
        Assert.All(found["results"]!.AsArray(), task => Assert.Equal(app.AliceId, task!["user_id"]!.GetValue<Guid>()));
    }

    private static DateTimeOffset At(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.Zero);

    private static IEnumerable<Guid> Ids(JsonNode tasks) => tasks.AsArray().Select(task => task!["id"]!.GetValue<Guid>());

    private static string? Next(ApiAnswer page) =>
        page.Header("Link") is { } link ? HttpUtility.HtmlDecode(link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..link.IndexOf('>', StringComparison.Ordinal)]) : null;

    private static IEnumerable<SeedTask> Sorted(IEnumerable<SeedTask> tasks, string sort, bool descending)
    {
        IOrderedEnumerable<SeedTask> By<TKey>(Func<SeedTask, TKey> key, IComparer<TKey>? comparer = null) =>
            descending ? tasks.OrderByDescending(key, comparer).ThenByDescending(task => task.Id, Bytes) : tasks.OrderBy(key, comparer).ThenBy(task => task.Id, Bytes);
        return sort switch
        {
            "created_at" => By(task => task.CreatedAt),
            "updated_at" => By(task => task.UpdatedAt),
            "priority" => By(task => task.Priority),
            "title" => By(task => task.Title, ByLetters),
            _ => By(task => task.Due).OrderBy(task => task.Due is null), // a stable sort: those without come last
        };
    }

    // Of plain letters, digits and spaces: by letter first, then small ones before capitals.
    private static readonly IComparer<string> ByLetters = Comparer<string>.Create((x, y) =>
        string.CompareOrdinal(x.ToLowerInvariant(), y.ToLowerInvariant()) is not 0 and var letters ? letters : string.CompareOrdinal(y, x));

    // PostgreSQL compares UUIDs by their bytes in network order; .NET's Guid compares so too, but says so nowhere.
    private static readonly IComparer<Guid> Bytes = Comparer<Guid>.Create((x, y) => string.CompareOrdinal(x.ToString(), y.ToString()));
}
