using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Events;

public sealed class PostgresRelayTests : EventTest
{
    [Fact]
    public async Task A_commit_publishes_without_any_sweep_and_tells_who_listens()
    {
        await using var listener = await Listen();

        var task = await Services.AddTask(User);
        var places = await Notification(listener);

        Assert.Equal([$"task-events/{Shards.Of(task.Id)}", $"task-updates/{Shards.Of(task.Id)}"], places.Split(',').Order());
        Assert.Equal(2, await Database.Scalar<long>("select count(*) from outbox where sequence is not null and published_at is not null"));
    }

    [Fact]
    public async Task A_change_without_a_transaction_publishes_without_any_sweep()
    {
        await using var listener = await Listen();
        await using var work = Services.NewWork();
        work.AddTask(User);

        await work.Commit(CancellationToken.None);
        await Notification(listener);

        Assert.Equal(2, await Database.Scalar<long>("select count(*) from outbox where sequence is not null and published_at is not null"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_published_before_its_transaction_commits(bool isTheRestWritten)
    {
        await using var listener = await Listen();
        await using var work = await Services.Begin();
        work.AddTask(User);
        await work.Flush(CancellationToken.None);
        if (!isTheRestWritten)
        {
            work.AddTask(User);
        }

        await Services.Sweep();
        Assert.Equal(0, await Database.Scalar<long>("select count(*) from outbox"));

        await work.Commit(CancellationToken.None);
        await Notification(listener);
        Assert.Equal(isTheRestWritten ? 2 : 4, await Database.Scalar<long>("select count(*) from outbox where sequence is not null"));
    }

    [Fact]
    public async Task A_reader_skips_nothing_when_two_transactions_commit_out_of_order()
    {
        await using var late = await Services.Begin();
        var lateTask = late.AddTask(User);
        await late.Flush(CancellationToken.None);

        // Written later, committed and read earlier.
        var early = await Services.AddTask(User, id: SameShard(lateTask.Id));
        await Services.Sweep();
        var (seen, cursor) = await ReadFrom(0);
        Assert.Equal([early.Id], seen);

        await late.Commit(CancellationToken.None);
        await Services.Sweep();
        (seen, _) = await ReadFrom(cursor);
        Assert.Equal([lateTask.Id], seen);
        Assert.True(
            await Database.Scalar<long>($"select max(position) from outbox where key = '{lateTask.Id}'")
            < await Database.Scalar<long>($"select min(position) from outbox where key = '{early.Id}'"));
    }

    [Fact]
    public async Task A_transaction_left_open_elsewhere_holds_nothing_up()
    {
        await using var other = await Database.Source.OpenConnectionAsync();
        await using var open = await other.BeginTransactionAsync();
        await new NpgsqlCommand("select pg_current_xact_id()", other, open).ExecuteScalarAsync();

        await Services.AddTask(User);
        await Services.Sweep();

        Assert.Equal(2, await Database.Scalar<long>("select count(*) from outbox where sequence is not null"));
    }

    [Fact]
    public async Task Changes_of_one_task_keep_their_order_though_the_later_one_has_the_older_transaction()
    {
        var task = await Services.AddTask(User);
        await using var work = await Services.Begin();
        await work.Db.Database.ExecuteSqlAsync($"select pg_current_xact_id()"); // as a kept response does

        await Services.Change(task.Id, item => item.Complete(DateTimeOffset.UtcNow));
        await work.ChangeTask(task.Id, item => item.Reopen(null, DateTimeOffset.UtcNow));
        await work.Commit(CancellationToken.None);
        await Services.Sweep();

        Assert.Equal(["task.created.v1", "task.completed.v1", "task.reopened.v1"], await TypesOf(task.Id));
    }

    [Fact]
    public async Task A_task_made_again_under_its_id_while_it_is_being_deleted_is_announced_after_the_deletion()
    {
        var task = await Services.AddTask(User);
        await using var work = await Services.Begin();
        var (stored, reminders) = (await TaskReminders.Lock(work, User, task.Id, withReminders: true, CancellationToken.None))!;
        TaskReminders.Remove(work, stored, reminders);
        await work.Flush(CancellationToken.None); // the row is locked; its event is not written yet

        var again = Services.AddTask(User, id: task.Id);
        await Database.UntilSomebodyWaitsForALock();
        work.Raise(stored.Delete(DateTimeOffset.UtcNow));
        await work.Commit(CancellationToken.None);
        await again;

        // By position: whichever of them a relay happens to see first.
        Assert.Equal(["task.created.v1", "task.deleted.v1", "task.created.v1"], await TypesOf(task.Id, "position"));
    }

    [Fact]
    public async Task Events_of_one_change_keep_the_order_in_which_they_were_raised()
    {
        var task = await Services.AddTask(User);
        await using var work = await Services.Begin();
        for (var i = 0; i < 60; i++)
        {
            work.Raise(i % 2 == 0 ? task.Complete(task.UpdatedAt)! : task.Reopen(null, task.UpdatedAt)!);
        }

        await work.Commit(CancellationToken.None);
        await Services.Sweep();

        Assert.Equal(
            Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? "task.completed.v1" : "task.reopened.v1"),
            (await TypesOf(task.Id)).Skip(1));
    }

    [Fact]
    public async Task Sixteen_writers_and_four_relays_publish_every_event_once_and_in_order()
    {
        var others = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => EventServices.Start(Database)));
        var processes = others.Append(Services).ToArray();
        var tasks = await Task.WhenAll(Enumerable.Range(0, 16).Select(async writer =>
        {
            var process = processes[writer % processes.Length];
            var task = await process.AddTask(User);
            for (var i = 0; i < 10; i++)
            {
                await process.Change(task.Id, item => i % 2 == 0 ? item.Complete(DateTimeOffset.UtcNow) : item.Reopen(null, DateTimeOffset.UtcNow));
            }

            return task.Id;
        }));
        await Services.Sweep();
        foreach (var other in others)
        {
            await other.DisposeAsync();
        }

        Assert.Equal(16 * 11 * 2, await Database.Scalar<long>("select count(distinct sequence) from outbox"));
        foreach (var id in tasks)
        {
            Assert.Equal(Enumerable.Range(1, 11).Select(version => (long)version), await Database.Column<long>(
                $"""
                select (convert_from(payload, 'UTF8')::jsonb->'data'->'task_data'->>'version')::bigint
                from outbox where key = '{id}' and topic = 'task-events' order by sequence
                """));
        }
    }

    [Fact]
    public async Task A_backlog_larger_than_a_batch_is_published_whole()
    {
        await Database.Execute(
            """
            insert into outbox (event_id, topic, key, shard, payload, created_at)
            select gen_random_uuid(), 'task-events', n::text, n % 8, '', now() from generate_series(1, 2500) as n
            """);

        await Services.Sweep();

        Assert.Equal(0, await Database.Scalar<long>("select count(*) from outbox where sequence is null"));
        Assert.Equal(0, await Database.Scalar<long>(
            "select count(*) from (select position < lag(position) over (partition by shard order by sequence) as inverted from outbox) as t where inverted"));
    }

    private static Guid SameShard(Guid task)
    {
        Guid id;
        do
        {
            id = Guid.CreateVersion7();
        }
        while (Shards.Of(id) != Shards.Of(task));
        return id;
    }

    private static async Task<string> Notification(NpgsqlConnection listener)
    {
        var payload = new TaskCompletionSource<string>();
        listener.Notification += (_, notification) => payload.TrySetResult(notification.Payload);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await listener.WaitAsync(patience.Token);
        return await payload.Task;
    }

    private async Task<NpgsqlConnection> Listen()
    {
        var connection = await Database.Source.OpenConnectionAsync();
        await new NpgsqlCommand($"listen {PostgresRelay.Channel}", connection).ExecuteNonQueryAsync();
        return connection;
    }

    private async Task<(List<Guid> Tasks, long Cursor)> ReadFrom(long cursor)
    {
        var tasks = await Database.Column<string>($"select key from outbox where topic = 'task-events' and sequence > {cursor} order by sequence");
        return ([.. tasks.Select(Guid.Parse)], await Database.Scalar<long>("select max(sequence) from outbox"));
    }

    private async Task<List<string>> TypesOf(Guid task, string order = "sequence") =>
        [.. (await Database.Column<byte[]>($"select payload from outbox where topic = 'task-events' and key = '{task}' order by {order}"))
            .Select(payload => JsonNode.Parse(Encoding.UTF8.GetString(payload))!["type"]!.GetValue<string>())];
}
