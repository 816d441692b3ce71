using System.Text;
using TodoFlow.Infrastructure.Audit;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Limits;

/// <summary>Pages of long entries end early, and the next one begins exactly there.</summary>
public sealed class PageBudgetTests(UndeliveredApp app) : IClassFixture<UndeliveredApp>
{
    private const int PageBytes = 1024 * 1024;

    // As long as a description gets as JSON: 60 KB. Requests refuse control characters; what was stored before may hold them.
    private const string Longest = "repeat(chr(1), 10000)";

    public static TheoryData<string> Sorts => ["created_at", "updated_at", "due_date", "priority", "title"];

    [Theory]
    [MemberData(nameof(Sorts))]
    public async Task A_list_of_200_descriptions_of_60_KB_comes_in_pages_that_lose_and_double_nothing(string sort)
    {
        using var alice = await app.SignUp();
        var ids = await AddLongTasks(alice);

        foreach (var order in new[] { "asc", "desc" })
        {
            var (read, pages) = await ReadAll(alice, $"/api/tasks?limit=200&sort_by={sort}&order={order}", path => alice.Get(path), page => page.Json.AsArray());

            Assert.Equal(200, read.Count);
            Assert.Equal(ids.Order(), read.Order());
            Assert.InRange(pages, 12, 16);
        }
    }

    [Theory]
    [InlineData("needle")]
    [InlineData("neele")] // titles that look alike
    [InlineData(null)]
    public async Task A_search_comes_in_such_pages_too(string? words)
    {
        using var alice = await app.SignUp();
        var ids = await AddLongTasks(alice);

        var (read, pages) = await ReadAll(
            alice, "/api/tasks/search", path => alice.Post(path, new { query = words, limit = 200 }), page => page["results"]!.AsArray());

        Assert.Equal(ids.Order(), read.Order());
        Assert.Equal(200, read.Count);
        Assert.InRange(pages, 12, 16);
    }

    [Fact]
    public async Task A_page_of_short_tasks_is_as_long_as_asked_for_and_one_piece()
    {
        using var alice = await app.SignUp();
        for (var i = 0; i < 60; i++)
        {
            (await alice.Post("/api/tasks", new { title = $"task {i}" })).Is(201);
        }

        var page = (await alice.Get("/api/tasks")).Is(200);
        var all = (await alice.Get("/api/tasks?limit=200")).Is(200);

        Assert.Equal((50, 60), (page.Json.AsArray().Count, all.Json.AsArray().Count));
        Assert.NotNull(page.Header("Link"));
        Assert.Null(all.Header("Link"));
        Assert.Equal($"{Encoding.UTF8.GetByteCount(page.Body)}", page.Header("Content-Length"));
    }

    [Fact]
    public async Task A_history_of_1000_updates_of_10_KB_is_short_and_comes_by_hundreds()
    {
        using var alice = await app.SignUp();
        var random = new Random(1);
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        for (var i = 0; i < 1000; i++)
        {
            (await alice.Put($"/api/tasks/{id}", new { description = Text(random, 10_000) })).Is(200);
        }

        await app.Deliver<AuditTrail>();

        var stored = await app.Database.Scalar<long>($"select sum(pg_column_size(audit_entry.*))::bigint from audit_entry where task_id = '{id}'");
        var announced = await app.Database.Scalar<long>($"select sum(octet_length(payload))::bigint from outbox where key = '{id}'");
        Assert.InRange(stored, 1, 3_000_000);
        Assert.InRange(announced, 1, 25_000_000);
        var (read, pages) = await ReadAll(alice, $"/api/tasks/{id}/history", path => alice.Get(path), page => page.Json.AsArray(), "event_id");
        Assert.Equal((1001, 1001, 11), (read.Count, read.Distinct().Count(), pages));
        var (large, _) = await ReadAll(alice, $"/api/tasks/{id}/history?limit=1000", path => alice.Get(path), page => page.Json.AsArray(), "event_id");
        Assert.Equal(read, large);
    }

    [Fact]
    public async Task A_history_of_whole_texts_from_before_comes_in_pages_too()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        await app.Database.Execute(
            $"""
            insert into audit_entry (event_id, task_id, user_id, event_type, occurred_at, task_version, correlation_id, changes)
            select gen_random_uuid(), '{id}', '{(await alice.Get("/api/me")).Id}', 'task.updated.v1', now() + (n / 3) * interval '1 s', nullif(n % 5, 0), 'c',
                jsonb_build_array(jsonb_build_object('field', 'description', 'old', {Longest}, 'new', {Longest}))
            from generate_series(1, 100) as n
            """);

        var (read, pages) = await ReadAll(alice, $"/api/tasks/{id}/history?limit=1000", path => alice.Get(path), page => page.Json.AsArray(), "event_id");

        Assert.Equal((100, 100), (read.Count, read.Distinct().Count()));
        Assert.InRange(pages, 12, 16);
    }

    [Fact]
    public async Task Notifications_come_in_such_pages_too()
    {
        using var alice = await app.SignUp();
        await app.Database.Execute(
            $"""
            insert into notification (id, user_id, task_id, event_id, title, body, late, listed, created_at)
            select gen_random_uuid(), '{(await alice.Get("/api/me")).Id}', gen_random_uuid(), gen_random_uuid(), {Longest}, 'b', false, true, now()
            from generate_series(1, 100)
            """);

        var (read, pages) = await ReadAll(alice, "/api/notifications?limit=200", path => alice.Get(path), page => page.Json.AsArray());

        Assert.Equal((100, 100), (read.Count, read.Distinct().Count()));
        Assert.InRange(pages, 6, 8);
    }

    [Fact]
    public async Task Reminders_come_in_pages_that_end_where_they_should()
    {
        using var alice = await app.SignUp();
        await app.Database.Execute(
            $"""
            insert into reminder (id, task_id, user_id, remind_at, of_task, snoozed, status, late, retry_count, created_at, updated_at)
            select gen_random_uuid(), gen_random_uuid(), '{(await alice.Get("/api/me")).Id}', now() + interval '1 day', false, false, 3, false, 0, now(), now()
            from generate_series(1, 450)
            """);

        var (read, pages) = await ReadAll(alice, "/api/reminders?limit=200", path => alice.Get(path), page => page.Json.AsArray());

        Assert.Equal((450, 450, 3), (read.Count, read.Distinct().Count(), pages));
    }

    [Fact]
    public async Task The_trash_comes_in_such_pages_too()
    {
        using var alice = await app.SignUp();
        var ids = await AddLongTasks(alice);
        await app.Database.Execute($"update task_item set due_date = null, due_at = null, overdue_at = null where id = any(array['{string.Join("','", ids)}']::uuid[])"); // which are in no form of ours
        foreach (var id in ids)
        {
            (await alice.Delete($"/api/tasks/{id}")).Is(204);
        }

        var (read, pages) = await ReadAll(
            alice, "/api/trash?limit=200", path => alice.Get(path), page => [.. page.Json.AsArray().Select(entry => entry!["task"]!.DeepClone())]);

        Assert.Equal(ids.Order(), read.Order());
        Assert.InRange(pages, 12, 16);
    }

    [Fact]
    public async Task A_device_gets_such_pages_too()
    {
        using var alice = await app.SignUp();
        var ids = await AddLongTasks(alice);
        var (read, pages, token, more) = (new List<Guid>(), 0, (string?)null, true);
        for (; more; pages++)
        {
            var page = (await alice.Post("/api/sync", new { sync_token = token, limit = 1000, resources = new[] { "tasks" } })).Is(200);
            Assert.InRange(Encoding.UTF8.GetByteCount(page.Body), 2, PageBytes);
            read.AddRange(page["changes"]!["tasks"]!.AsArray().Select(task => Guid.Parse(task!["id"]!.GetValue<string>())));
            (token, more) = (page.Text("sync_token"), page["has_more"]!.GetValue<bool>());
        }

        Assert.Equal(ids.Order(), read.Order());
        Assert.InRange(pages, 12, 16);
    }

    [Fact]
    public async Task A_history_is_asked_for_by_an_entry_of_its_own()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();
        var mine = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        var theirs = (await bob.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        await app.Deliver<AuditTrail>();
        var entry = (await bob.Get($"/api/tasks/{theirs}/history")).Is(200).Json[0]!["event_id"]!.GetValue<string>();

        Assert.Empty((await alice.Get($"/api/tasks/{mine}/history?cursor={entry}")).Is(200).Json.AsArray());
        Assert.Equal(["cursor"], (await alice.Get($"/api/tasks/{mine}/history?cursor=x")).Is(400).BadFields);
    }

    private async Task<IReadOnlyList<Guid>> AddLongTasks(ApiClient user)
    {
        var id = (await user.Get("/api/me")).Id;
        await app.Database.Execute(
            $"""
            insert into task_item (id, user_id, title, description, status, priority, tags, due_date, due_at, overdue_at, time_zone, recurrence_basis, version,
                created_at, updated_at, field_versions)
            select gen_random_uuid(), '{id}', 'Needle ' || n / 3, {Longest}, 0, n % 3, array[]::text[], due::text, due, due, 'UTC', 0, 1,
                timestamptz '2026-01-01' + n / 3 * interval '1 s', timestamptz '2026-01-01' + n / 3 * interval '1 s', jsonb_build_object()
            from generate_series(1, 200) as n, lateral (select case when n % 4 > 0 then timestamptz '2026-01-01 00:00Z' + n / 3 * interval '1 s' end as due) as dates
            """);
        return await app.Database.Column<Guid>($"select id from task_item where user_id = '{id}'");
    }

    // Follows the links, each page checked for its length.
    private static async Task<(List<Guid> Read, int Pages)> ReadAll(
        ApiClient user, string path, Func<string, Task<ApiAnswer>> get, Func<ApiAnswer, System.Text.Json.Nodes.JsonArray> entries, string id = "id")
    {
        var (read, pages) = (new List<Guid>(), 0);
        for (string? next = path; next is not null; pages++)
        {
            var page = (await get(next)).Is(200);
            var bytes = Encoding.UTF8.GetByteCount(page.Body);
            Assert.InRange(bytes, 2, PageBytes);
            if (bytes > 64 * 1024)
            {
                Assert.Null(page.Header("Content-Length")); // it is streamed
            }

            read.AddRange(entries(page).Select(entry => Guid.Parse(entry![id]!.GetValue<string>())));
            next = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        return (read, pages);
    }

    private static string Text(Random random, int length) =>
        new([.. Enumerable.Range(0, length).Select(_ => (char)random.Next('a', 'z' + 1))]);
}
