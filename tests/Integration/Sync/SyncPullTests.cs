using System.Globalization;
using Npgsql;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Infrastructure.Sync;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Sync;

/// <summary>What a device is told.</summary>
public sealed class SyncPullTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Fact]
    public async Task A_device_that_starts_anew_gets_everything_and_then_only_what_changed()
    {
        using var alice = await app.SignUp();
        var kept = (await alice.Post("/api/tasks", new { title = "kept" })).Is(201).Id;
        var changed = (await alice.Post("/api/tasks", new { title = "changed", due_date = "2099-01-01" })).Is(201).Id;
        var trashed = (await alice.Post("/api/tasks", new { title = "in the trash" })).Is(201).Id;
        (await alice.Delete($"/api/tasks/{trashed}")).Is(204);

        var first = await alice.Sync(null);

        Assert.True(first["full"]!.GetValue<bool>());
        Assert.False(first["has_more"]!.GetValue<bool>());
        Assert.Equal([kept, changed], first.Changed().Select(task => task["id"]!.GetValue<Guid>()).Order());
        Assert.Equal("09:00", first["changes"]!["preferences"]!["all_day_reminder_time"]!.GetValue<string>());
        Assert.Empty(first.Removed());

        var nothing = await alice.Sync(first.Token());
        Assert.False(nothing["full"]!.GetValue<bool>());
        Assert.Empty(nothing.NewSince(first));
        Assert.Empty(nothing.Changed("notifications"));

        (await alice.Put($"/api/tasks/{changed}", new { title = "anew" })).Is(200);
        var reminder = (await alice.Post("/api/reminders", new { task_id = changed, remind_at = "2099-01-01T09:00:00Z" })).Is(201).Id;
        (await alice.Put("/api/notifications/preferences", new { all_day_reminder_time = "08:00" })).Is(200);
        var second = await alice.Sync(nothing.Token());
        var task = Assert.Single(second.NewSince(first));
        Assert.Equal((await alice.Get($"/api/tasks/{changed}")).Body, task.ToJsonString());
        Assert.Equal(reminder, Assert.Single(second.Changed("reminders"))["id"]!.GetValue<Guid>());
        Assert.Equal("08:00", second["changes"]!["preferences"]!["all_day_reminder_time"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_is_removed_is_told_with_its_reason_until_it_is_there_again()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        var before = (await alice.Sync(null)).Token();

        (await alice.Delete($"/api/tasks/{id}")).Is(204);
        var trashed = await alice.Sync(before);
        Assert.Equal([("tasks", id, "trashed")], trashed.Removed());

        (await alice.Post($"/api/tasks/{id}/restore")).Is(200);
        var restored = await alice.Sync(trashed.Token());
        Assert.Empty(restored.Removed());
        Assert.Equal(id, Assert.Single(restored.NewSince(trashed))["id"]!.GetValue<Guid>());

        (await alice.Delete($"/api/tasks/{id}")).Is(204);
        var again = await alice.Sync(restored.Token());
        (await alice.Delete($"/api/trash/{id}")).Is(204);
        Assert.Equal([("tasks", id, "purged")], (await alice.Sync(again.Token())).Removed());
        Assert.Equal([("tasks", id, "purged")], (await alice.Sync(before)).Removed());
        Assert.Empty((await alice.Sync(null)).Removed());
    }

    [Fact]
    public async Task Reminders_and_notifications_that_are_deleted_are_told()
    {
        var user = await app.AddUser();
        var (task, reminder, notification, hidden) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await app.Database.Execute(
            $"""
            insert into reminder (id, task_id, user_id, remind_at, of_task, snoozed, status, late, retry_count, created_at, updated_at)
                values ('{reminder}', '{task}', '{user}', now(), false, false, 1, false, 0, now(), now());
            insert into notification (id, user_id, task_id, event_id, title, body, late, listed, created_at)
                values ('{notification}', '{user}', '{task}', '{Guid.NewGuid()}', 't', 'b', false, true, now()), ('{hidden}', '{user}', '{task}', '{Guid.NewGuid()}', 't', 'b', false, false, now())
            """);
        var (_, first) = await app.Sync(user, null, 100);
        Assert.Equal((reminder, notification), (Assert.Single(first.Changes.Reminders).Id, Assert.Single(first.Changes.Notifications).Id));

        await app.Database.Execute($"delete from reminder where id = '{reminder}'; delete from notification where user_id = '{user}'");
        var (_, second) = await app.Sync(user, first.SyncToken, 100);
        Assert.Contains(new RemovedResponse("reminders", reminder, "purged"), second.Changes.Removed);
        Assert.Contains(new RemovedResponse("notifications", notification, "purged"), second.Changes.Removed);

        await app.Database.Execute($"delete from app_user where id = '{user}'"); // leaves nothing
        Assert.Equal(0, await app.Database.Scalar<long>($"select count(*) from tombstone where user_id = '{user}'"));
    }

    [Fact]
    public async Task Pages_bring_every_task_though_others_write_meanwhile()
    {
        var user = await app.AddUser();
        await app.Database.Execute( // one transaction, as an import is
            $"""
            insert into task_item (id, user_id, title, status, priority, tags, time_zone, recurrence_basis, version, created_at, updated_at, field_versions)
            select gen_random_uuid(), '{user}', 'task ' || i, 0, 1, '{"{}"}', 'UTC', 0, 1, now(), now(), '{"{}"}' from generate_series(1, 10000) i
            """);
        var copy = new Dictionary<Guid, long>();
        string? token = null;
        var (pages, more) = (0, true);
        while (more)
        {
            var (_, page) = await app.Sync(user, token, 900);
            Assert.True(page.Full);
            Apply(copy, page);
            (token, more) = (page.SyncToken, page.HasMore);
            if (pages++ < 8)
            {
                await app.Database.Execute($"update task_item set version = version + 1 where id in (select id from task_item where user_id = '{user}' order by random() limit 50)");
                await app.Database.Execute($"delete from task_item where id in (select id from task_item where user_id = '{user}' order by random() limit 5)");
            }
        }

        more = true;
        while (more)
        {
            var (_, page) = await app.Sync(user, token, 900);
            Apply(copy, page);
            (token, more) = (page.SyncToken, page.HasMore);
        }

        var stored = await app.Database.Column<string>($"select id || ' ' || version from task_item where user_id = '{user}' order by id");
        Assert.Equal(stored.Order(StringComparer.Ordinal), copy.Select(task => $"{task.Key} {task.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_token_of_another_user_of_other_resources_of_another_epoch_or_too_old_does_not_serve()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();
        var token = (await alice.Sync(null)).Token();

        async Task Refused(ApiClient client, string sent, string[]? resources = null) =>
            (await client.Post("/api/sync", new { sync_token = sent, resources })).IsProblem(410, "sync_token_expired");

        await Refused(bob, token);
        await Refused(alice, token, ["tasks"]);
        await Refused(alice, "");
        await Refused(alice, token[..^1]);
        await Refused(alice, (token[0] == 'B' ? 'C' : 'B') + token[1..]);
        (await alice.Post("/api/sync", new { sync_token = token, resources = new[] { "preferences", "notifications", "reminders", "tasks" } })).Is(200);
        var ofTasks = (await alice.Post("/api/sync", new { resources = new[] { "tasks" } })).Is(200);
        Assert.Null(ofTasks["changes"]!["preferences"]);
        await Refused(alice, ofTasks.Token(), ["tasks", "reminders"]);
        (await alice.Sync(ofTasks.Token())).Is(200);

        var epochs = app.Host.Services.GetRequiredService<SyncEpochs>();
        var old = new SyncToken(SyncResources.All, false, DateTimeOffset.UtcNow.AddDays(-91), 5, null);
        var user = Guid.Parse((await alice.Get("/api/me")).Text("id"));
        await Refused(alice, old.Write(user, await epochs.Current(CancellationToken.None)));

        // Another process renews it: this one finds out.
        await app.Database.Execute("update sync_epoch set epoch = gen_random_uuid(), secret = uuid_send(gen_random_uuid())");
        await Refused(alice, token);
        Assert.True((await alice.Sync(null))["full"]!.GetValue<bool>());
        await epochs.Renew(CancellationToken.None);
        (await alice.Sync((await alice.Sync(null)).Token())).Is(200);
    }

    [Fact]
    public async Task Nobody_is_told_of_anothers_and_nobody_syncs_without_a_token()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();
        using var nobody = app.Anonymous();
        var id = (await alice.Post("/api/tasks", new { title = "hers" })).Is(201).Id;

        Assert.Empty((await bob.Sync(null)).Changed());
        var answer = await bob.Sync(null, SyncRequests.Command("update", id, new { title = "mine" }), SyncRequests.Command("delete", id), SyncRequests.Command("create", id, new { title = "mine" }));
        Assert.Equal(["rejected", "applied", "rejected"], answer.Statuses());
        Assert.Equal("hers", (await alice.Get($"/api/tasks/{id}")).Text("title"));
        (await nobody.Post("/api/sync", new { })).Is(401);
        (await nobody.Post("/api/tasks/batch", new { commands = Array.Empty<object>() })).Is(401);
    }

    [Fact]
    public async Task A_pull_of_nothing_new_is_one_statement_of_index_ranges()
    {
        var user = await app.AddUser();
        await app.Database.Execute(
            $"""
            insert into task_item (id, user_id, title, status, priority, tags, time_zone, recurrence_basis, version, created_at, updated_at, field_versions)
            select gen_random_uuid(), '{user}', 'task ' || i, 0, 1, '{"{}"}', 'UTC', 0, 1, now(), now(), '{"{}"}' from generate_series(1, 20000) i;
            insert into reminder (id, task_id, user_id, remind_at, of_task, snoozed, status, late, retry_count, created_at, updated_at)
            select gen_random_uuid(), gen_random_uuid(), '{user}', now(), false, false, 1, false, 0, now(), now() from generate_series(1, 20000);
            insert into notification (id, user_id, task_id, event_id, title, body, late, listed, created_at)
            select gen_random_uuid(), '{user}', gen_random_uuid(), gen_random_uuid(), 't', 'b', false, true, now() from generate_series(1, 20000);
            insert into tombstone (user_id, resource, id) select '{user}', 'tasks', gen_random_uuid() from generate_series(1, 20000);
            """);
        await app.Database.Execute("vacuum analyze task_item");
        await app.Database.Execute("analyze reminder, notification, tombstone");
        var token = new SyncToken(SyncResources.All, false, DateTimeOffset.UtcNow, await app.Database.Scalar<ulong>("select pg_current_xact_id()"), null);

        var statements = new List<string>();
        var builder = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(app.Database.ConnectionString)
        {
            Options = "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on -c auto_explain.log_level=notice -c client_min_messages=notice",
        }.ConnectionString);
        builder.UseLoggerFactory(LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new PostgresNotices(notice =>
        {
            if (notice.Contains("changed_xid", StringComparison.Ordinal) && notice.Contains("plan:", StringComparison.Ordinal))
            {
                statements.Add(notice);
            }
        }))));
        await using var source = builder.Build();
        var changed = await ChangedRows.Find(source, user, token, 501, CancellationToken.None);

        Assert.Empty(changed.Rows);
        var plan = Assert.Single(statements);
        Assert.DoesNotContain("Seq Scan on task_item", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on reminder", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on notification ", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on tombstone", plan, StringComparison.Ordinal);
        foreach (var index in new[] { "ix_task_item_user_id_changed_xid", "ix_reminder_user_id_changed_xid", "ix_notification_user_id_changed_xid", "ix_tombstone_user_id_changed_xid" })
        {
            Assert.Contains(index, plan, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("Rows Removed by Filter", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_epoch_numbers_the_rows_of_a_dump_anew()
    {
        var user = await app.AddUser();
        await app.Database.Execute(
            $"""
            insert into task_item (id, user_id, title, status, priority, tags, time_zone, recurrence_basis, version, created_at, updated_at, field_versions, changed_xid)
            values (gen_random_uuid(), '{user}', 'from a younger cluster', 0, 1, '{"{}"}', 'UTC', 0, 1, now(), now(), '{"{}"}', '9000000000000')
            """);

        await app.Host.Services.GetRequiredService<SyncEpochs>().Renew(CancellationToken.None);

        Assert.False(await app.Database.Scalar<bool>($"select changed_xid > pg_snapshot_xmax(pg_current_snapshot()) from task_item where user_id = '{user}'"));
    }

    [Fact]
    public async Task Tombstones_and_results_are_forgotten_after_their_time()
    {
        var user = await app.AddUser();
        await app.Database.Execute(
            $"""
            insert into tombstone (user_id, resource, id, removed_at) values ('{user}', 'tasks', gen_random_uuid(), now() - interval '90 days'), ('{user}', 'tasks', gen_random_uuid(), now() - interval '92 days');
            insert into sync_command (user_id, id, result, created_at) values ('{user}', gen_random_uuid(), '{"{}"}', now() - interval '89 days'), ('{user}', gen_random_uuid(), '{"{}"}', now() - interval '91 days');
            """);

        await app.Host.Services.GetServices<IPruned>().OfType<SyncPruning>().Single().Prune(CancellationToken.None);

        Assert.Equal(1, await app.Database.Scalar<long>($"select count(*) from tombstone where user_id = '{user}'"));
        Assert.Equal(1, await app.Database.Scalar<long>($"select count(*) from sync_command where user_id = '{user}'"));
    }

    private static void Apply(Dictionary<Guid, long> copy, ChangePage page)
    {
        foreach (var removed in page.Changes.Removed)
        {
            copy.Remove(removed.Id);
        }

        foreach (var task in page.Changes.Tasks)
        {
            Assert.True(copy.GetValueOrDefault(task.Id) <= task.Version, string.Create(CultureInfo.InvariantCulture, $"{task.Id} went back"));
            copy[task.Id] = task.Version;
        }
    }
}
