using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Events;

public sealed class InboxTests() : InboxTest(new FakeClock(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero)))
{
    [Fact]
    public async Task Every_event_leaves_one_audit_row_however_often_it_is_delivered()
    {
        var task = await Services.AddTask(User);
        await Services.Change(task.Id, item => item.Update(new TaskEdit { Title = "b" }, null, Clock.GetUtcNow()));
        await Services.Change(task.Id, item => item.Complete(Clock.GetUtcNow()));
        var records = await Services.Records();

        await Deliver(Trail, [.. records, records[0]]);
        await Deliver(Trail, records);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Deliver(Trail, records)));

        var (history, _) = await Trail.Page(User, task.Id, null, 10, 0, Pages.Budget(), default);
        Assert.Equal(["task.created.v1", "task.updated.v1", "task.completed.v1"], history.Select(entry => entry.EventType));
        Assert.Equal(("title", "a", "b"), (history[1].Changes[0].Field, history[1].Changes[0].Old!.GetValue<string>(), history[1].Changes[0].New!.GetValue<string>()));
        Assert.Equal(3, await Count("inbox"));
        Assert.Equal(0, await Count("dead_letter"));
    }

    [Fact]
    public async Task Deliveries_of_one_batch_at_the_same_time_take_effect_once()
    {
        var records = await SomeRecords(8);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Deliver(Effect, records)));

        Assert.Equal(8, await Count("audit_entry"));
    }

    [Fact]
    public async Task A_fault_of_the_moment_is_over_at_the_next_try_and_nothing_is_parked()
    {
        var records = await SomeRecords(3);
        var id = IdOf(records[1]);
        Effect.Fail = read => read.Id == id && Effect.Attempts(id) < 3 ? new InvalidOperationException("a race") : null;

        await Deliver(Effect, records);

        Assert.Equal(3, await Count("audit_entry"));
        Assert.Equal(0, await Count("dead_letter"));
    }

    [Theory]
    [MemberData(nameof(SqlStates.OfOutages), MemberType = typeof(SqlStates))]
    public async Task What_the_database_cannot_do_now_is_left_to_the_hosts_retry(string state)
    {
        var records = await SomeRecords(2);
        Effect.Fail = _ => new DbUpdateException("-", SqlStates.Error(state));

        await Assert.ThrowsAsync<DbUpdateException>(() => Deliver(Effect, records));
        Assert.Equal((0, 0, 0), (await Count("audit_entry"), await Count("inbox"), await Count("dead_letter")));

        Effect.Fail = _ => null;
        await Deliver(Effect, records);
        Assert.Equal((2, 2, 0), (await Count("audit_entry"), await Count("inbox"), await Count("dead_letter")));
    }

    [Fact]
    public async Task What_a_migration_has_yet_to_bring_is_left_to_the_hosts_retry()
    {
        var records = await SomeRecords(1);
        Effect.Fail = _ => new DbUpdateException("-", SqlStates.Error(PostgresErrorCodes.UndefinedColumn));
        await Database.Execute("delete from schema_migration where migration_id = (select max(migration_id) from schema_migration)");

        await Assert.ThrowsAsync<DbUpdateException>(() => Deliver(Effect, records));

        Assert.Equal((0, 0, 0), (await Count("audit_entry"), await Count("inbox"), await Count("dead_letter")));
    }

    [Fact]
    public async Task A_host_that_stops_leaves_the_batch_undone()
    {
        var records = await SomeRecords(2);
        using var stopping = new CancellationTokenSource();
        Effect.Fail = _ =>
        {
            stopping.Cancel();
            return null;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Services.Get<Inbox>().Deliver(Effect, records, stopping.Token));

        Assert.Equal((0, 0, 0), (await Count("audit_entry"), await Count("inbox"), await Count("dead_letter")));
    }

    [Fact]
    public async Task Events_of_a_user_who_is_gone_are_passed_over()
    {
        var records = await SomeRecords(2);
        await Database.Execute("delete from app_user");

        await Deliver(Trail, records);

        Assert.Equal((0, 2, 0), (await Count("audit_entry"), await Count("inbox"), await Count("dead_letter")));
    }

    [Fact]
    public async Task What_is_announced_by_an_effect_belongs_to_the_request_and_trace_of_its_event()
    {
        Correlation.Id = "request-7";
        await Services.AddTask(User);
        Correlation.Id = "";
        var records = await Services.Records();
        Effect.Raises = User;

        await Deliver(Effect, records);

        var read = (await Services.Records()).Select(record => Event.TryRead(record.Value, out var e, out _) ? e : null!).ToList();
        Assert.Equal(2, read.Count);
        Assert.All(read, one => Assert.Equal("request-7", one.CorrelationId));
        Assert.NotNull(read[1].TraceParent);
    }

    [Fact]
    public async Task Pruning_keeps_what_is_young_unread_or_parked()
    {
        await Deliver(Trail, [.. await SomeRecords(3), new EventRecord("task-events", 0, 1, null, null, [])]);
        await Services.Sweep();
        var last = await Database.Scalar<long>("select max(sequence) from outbox where topic = 'task-events'");
        var shard = await Database.Scalar<short>($"select shard from outbox where sequence = {last}");
        await Database.Execute($"insert into consumer_cursor values ('g', 'task-events', {shard}, {last - 1}), ('todoflow-audit', 'reminders', 0, 0)");
        var history = Services.Get<History>();

        Clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(0, await history.Prune(default));
        Clock.Advance(TimeSpan.FromHours(2));
        Assert.True(await history.Prune(default) > 0);
        Assert.Equal(1, await Count("outbox")); // the one that group g has not read
        Assert.Equal(1, await Count("consumer_cursor")); // that of a group from before is gone
        await Database.Execute($"update consumer_cursor set sequence = {last}");
        await history.Prune(default);
        Assert.Equal((0, 3, 1), (await Count("outbox"), await Count("inbox"), await Count("dead_letter")));

        Clock.Advance(TimeSpan.FromDays(14));
        await history.Prune(default);
        Assert.Equal((0, 1, 3), (await Count("inbox"), await Count("dead_letter"), await Count("audit_entry")));
    }
}
