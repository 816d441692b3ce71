using System.Text.Json.Nodes;
using Npgsql;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Infrastructure.Tasks;
using TodoFlow.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>
/// The plans of the queries that lists and searches really send, as PostgreSQL's auto_explain saw them run over 200,000 rows:
/// each starts from an index by user, so no other user's row is touched.
/// </summary>
[Collection(ManyTasksApp.Collection)]
public sealed class QueryPlanTests : IAsyncDisposable
{
    private const string Explain =
        "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on -c auto_explain.log_buffers=on " +
        "-c auto_explain.log_format=json -c auto_explain.log_level=notice -c client_min_messages=notice -c plan_cache_mode=force_generic_plan";

    private readonly ManyTasksApp _app;
    private readonly ITestOutputHelper _output;
    private readonly NpgsqlDataSource _explained;
    private readonly List<JsonNode> _plans = [];

    public QueryPlanTests(ManyTasksApp app, ITestOutputHelper output)
    {
        (_app, _output) = (app, output);
        var source = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(_app.Database.ConnectionString) { Options = Explain, MaxAutoPrepare = 20 }.ConnectionString);
        source.UseLoggerFactory(LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new PostgresNotices(Collect))));
        _explained = source.Build();
    }

    public ValueTask DisposeAsync() => _explained.DisposeAsync();

    public static TheoryData<string, TaskFilter> Lists() => new()
    {
        { "all", new() },
        { "pending", new() { Status = TaskItemStatus.Pending } },
        { "priority", new() { Priority = TaskPriority.High } },
        { "all of the tags", new() { Tags = ["alpha", "bravo"] } },
        { "any of the tags", new() { TagsAny = ["alpha", "bravo"] } },
        { "due", new() { DueFrom = At(3), DueBefore = At(4) } },
        { "overdue", new() { Overdue = true } },
        { "changed", new() { UpdatedAfter = At(1) } },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_list_reads_the_rows_of_its_user_only(string what, TaskFilter filter)
    {
        var list = new TaskList(_explained, TimeProvider.System);
        foreach (var sort in Enum.GetValues<TaskSort>())
        {
            foreach (var order in Enum.GetValues<SortOrder>())
            {
                TaskCursor? after = null;
                for (var page = 0; page < 7; page++)
                {
                    (_, after) = await list.Page(_app.AliceId, filter, new TaskPage(sort, order, 20, 0, after), Support.Pages.Budget(), CancellationToken.None);
                }
            }
        }

        await list.Count(_app.AliceId, filter, CancellationToken.None);
        RequireByUser(what, atLeast: 50);
    }

    [Theory]
    [InlineData("needle")]
    [InlineData("task")]
    [InlineData("alpha -bravo")]
    [InlineData("-needle")]
    [InlineData("xylophon")]
    [InlineData(null)]
    public async Task A_search_reads_the_rows_of_its_user_only(string? words)
    {
        var search = new TaskSearch(_explained, TimeProvider.System);
        for (var i = 0; i < 8; i++)
        {
            var filter = i % 2 == 0 ? new TaskFilter() : new TaskFilter { Status = TaskItemStatus.Pending, Tags = ["echo"] };
            await search.Find(_app.AliceId, new TaskSearchQuery(words, filter, null, SortOrder.Desc, 50, 0), Support.Pages.Budget(), CancellationToken.None);
        }

        RequireByUser(words ?? "no words", atLeast: 8);
    }

    [Fact]
    public async Task Analyze_makes_no_words_of_tasks()
    {
        await _app.Database.Execute("analyze task_item");

        Assert.Empty(await _app.Database.Column<string>("select attname::text from pg_stats where tablename = 'ix_task_item_search'"));
        Assert.Contains("due_at", await _app.Database.Column<string>("select attname::text from pg_stats where tablename = 'task_item'"));
    }

    // The most blocks that a page of 50 may look at; more by another sort than by due date where that narrows by due dates. A task that is
    // found by its id first takes three blocks of the key's index, too.
    public static TheoryData<string, TaskFilter, int, int> Pages() => new()
    {
        { "all", new(), 80, 80 },
        { "pending", new() { Status = TaskItemStatus.Pending }, 80, 220 },
        { "priority", new() { Priority = TaskPriority.High }, 250, 300 },
        { "one tag", new() { Tags = ["golf"] }, 260, 320 },
        { "two tags", new() { Tags = ["alpha", "bravo"] }, 450, 750 },
        { "due within a month", new() { DueFrom = At(3), DueBefore = At(4) }, 150, 1500 },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_by_any_sort_reads_about_a_page(string what, TaskFilter filter, int blocksByDueDate, int blocks)
    {
        var list = new TaskList(_explained, TimeProvider.System);
        foreach (var sort in Enum.GetValues<TaskSort>())
        {
            foreach (var order in Enum.GetValues<SortOrder>())
            {
                _plans.Clear();
                TaskCursor? after = null;
                for (var page = 0; page < 8; page++)
                {
                    (_, after) = await list.Page(_app.AliceId, filter, new TaskPage(sort, order, 50, 0, after), Support.Pages.Budget(), CancellationToken.None);
                }

                var longest = _plans.Where(plan => Scans(plan).Any()).MaxBy(BlocksOf)!;
                _output.WriteLine($"{what} by {sort} {order}: {BlocksOf(longest)} blocks");
                Assert.True(BlocksOf(longest) <= (sort == TaskSort.DueDate ? blocksByDueDate : blocks), $"{what} by {sort} {order}: {BlocksOf(longest)} blocks: {longest.ToJsonString()}");
            }
        }
    }

    [Theory]
    [InlineData(TaskSort.CreatedAt, SortOrder.Asc)]
    [InlineData(TaskSort.CreatedAt, SortOrder.Desc)]
    [InlineData(TaskSort.DueDate, SortOrder.Asc)]
    [InlineData(TaskSort.DueDate, SortOrder.Desc)]
    public async Task A_page_with_a_tag_reads_no_row_more_than_the_page(TaskSort sort, SortOrder order)
    {
        await Page(new TaskFilter { Tags = ["golf"] }, sort, order);
        Assert.All(_plans, plan => Assert.All(Scans(plan), scan => Assert.InRange(scan["Actual Rows"]!.GetValue<double>(), 0, 51)));
    }

    [Fact]
    public async Task A_page_of_pending_tasks_by_due_date_reads_no_row_more_than_the_page()
    {
        await Page(new TaskFilter { Status = TaskItemStatus.Pending }, TaskSort.DueDate, SortOrder.Asc);
        Assert.All(_plans, plan => Assert.All(Scans(plan), scan => Assert.InRange(scan["Actual Rows"]!.GetValue<double>(), 0, 51)));
    }

    [Fact]
    public async Task A_page_of_reminders_reads_about_a_page_of_each_status()
    {
        await _app.Database.Execute(
            """
            insert into reminder (id, task_id, user_id, remind_at, of_task, snoozed, status, late, retry_count, created_at, updated_at)
            select gen_random_uuid(), gen_random_uuid(), app_user.id, now() + (number * 7919 % 10000) * interval '1 minute', true, false, number % 4, false, 0, now(), now()
            from generate_series(1, 10000) as number, app_user;
            analyze reminder
            """);
        var list = new ReminderList(_explained);
        foreach (var (order, offset) in new[] { (SortOrder.Asc, 0), (SortOrder.Desc, 0), (SortOrder.Asc, 20) })
        {
            _plans.Clear();

            var (page, more) = await list.Page(_app.AliceId, new(null, null, order, 50, offset), Support.Pages.Budget(), CancellationToken.None);

            Assert.Equal(
                await _app.Database.Column<Guid>($"select id from reminder where user_id = '{_app.AliceId}' order by remind_at {order}, id {order} limit 50 offset {offset}"),
                page.Select(reminder => reminder.Id));
            Assert.True(more);
            Assert.InRange(BlocksOf(_plans[^1]), 1, 250);
        }
    }

    [Fact]
    public async Task A_search_looks_up_the_words_of_its_user_alone()
    {
        var search = new TaskSearch(_explained, TimeProvider.System);
        var found = 0;
        for (var i = 0; i < 8; i++)
        {
            found = (await search.Find(_app.AliceId, new TaskSearchQuery("needle", new(), null, SortOrder.Desc, 50, 0), Support.Pages.Budget(), CancellationToken.None)).TotalCount;
        }

        Assert.NotEqual(0, found);
        var lookups = _plans.SelectMany(Scans).Where(scan => scan["Node Type"]!.GetValue<string>() == "Bitmap Index Scan").ToList();
        Assert.NotEmpty(lookups);
        Assert.All(lookups, lookup => Assert.Equal(found, lookup["Actual Rows"]!.GetValue<double>()));
    }

    [Fact]
    public async Task No_statement_is_compiled_however_much_is_expected_of_it() =>
        Assert.Equal("off", await _app.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("show jit").ExecuteScalarAsync());

    [Fact]
    public async Task A_statement_of_requests_is_planned_once_for_any_values() => Assert.Equal(
        "force_generic_plan", await _app.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("show plan_cache_mode").ExecuteScalarAsync());

    private async Task Page(TaskFilter filter, TaskSort sort, SortOrder order)
    {
        var list = new TaskList(_explained, TimeProvider.System);
        TaskCursor? after = null;
        for (var page = 0; page < 15; page++)
        {
            (_, after) = await list.Page(_app.AliceId, filter, new TaskPage(sort, order, 50, 0, after), Support.Pages.Budget(), CancellationToken.None);
        }

        _plans.RemoveAll(plan => !Scans(plan).Any()); // what Npgsql asks of a new connection
        Assert.NotEmpty(_plans);
    }

    private static double BlocksOf(JsonNode plan) => plan["Shared Hit Blocks"]!.GetValue<double>() + plan["Shared Read Blocks"]!.GetValue<double>();

    private static DateTimeOffset At(int month) => new(2026, month, 1, 0, 0, 0, TimeSpan.Zero);

    private void Collect(string notice)
    {
        var json = notice.IndexOf('{', StringComparison.Ordinal);
        if (json >= 0 && notice.Contains("plan:", StringComparison.Ordinal))
        {
            lock (_plans)
            {
                _plans.Add(JsonNode.Parse(notice[json..])!["Plan"]!);
            }
        }
    }

    private void RequireByUser(string what, int atLeast)
    {
        Assert.True(_plans.Count >= atLeast, $"{what}: only {_plans.Count} plans were seen.");
        var scans = _plans.SelectMany(Scans).ToList();
        Assert.NotEmpty(scans);
        foreach (var scan in scans)
        {
            var condition = (scan["Index Cond"] ?? scan["Recheck Cond"])?.GetValue<string>() ?? "";
            Assert.True(
                condition.Contains("user_id =", StringComparison.Ordinal)
                || condition.StartsWith("(id = ", StringComparison.Ordinal)
                || condition.StartsWith("(task_words(user_id, ", StringComparison.Ordinal), // each word of the index is one user's
                $"{what}: {scan["Node Type"]} does not start from the user: {scan.ToJsonString()}");
        }
    }

    // Every node that reads task_item or its tags, or an index of them. Rows found by their id were found by their user before.
    private static IEnumerable<JsonNode> Scans(JsonNode plan)
    {
        var type = plan["Node Type"]!.GetValue<string>();
        if (plan["Relation Name"]?.GetValue<string>() is "task_item" or "task_tag" || type == "Bitmap Index Scan")
        {
            yield return plan;
        }

        foreach (var scan in (plan["Plans"]?.AsArray() ?? []).SelectMany(child => Scans(child!)))
        {
            yield return scan;
        }
    }
}
