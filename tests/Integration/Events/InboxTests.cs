using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Audit;
using TodoFlow.Events;
using TodoFlow.Persistence;
using TodoFlow.Tasks;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Events;

public sealed class InboxTests : IAsyncLifetime
{
    private readonly FakeClock clock = new(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));
    private readonly TestEffect effect = new();
    private TestDatabase database = null!;
    private EventServices services = null!;
    private Guid user;

    public async Task InitializeAsync()
    {
        database = await TestPostgres.CreateDatabase();
        services = await EventServices.Start(database, clock: clock);
        user = await services.AddUser();
    }

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Every_event_leaves_one_audit_row_however_often_it_is_delivered()
    {
        var task = await services.AddTask(user);
        await services.Change(task.Id, item => item.Update(new TaskEdit { Title = "b" }, null, clock.GetUtcNow()));
        await services.Change(task.Id, item => item.Complete(clock.GetUtcNow()));
        var records = await services.Records();

        await Deliver(Trail, [.. records, records[0]]);
        await Deliver(Trail, records);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Deliver(Trail, records)));

        var history = await Trail.Read(user, task.Id, 10, 0, default);
        Assert.Equal(["task.created.v1", "task.updated.v1", "task.completed.v1"], history.Select(entry => entry.EventType));
        Assert.Equal(("title", "a", "b"), (history[1].Changes[0].Field, history[1].Changes[0].Old!.GetValue<string>(), history[1].Changes[0].New!.GetValue<string>()));
        Assert.Equal(3, await Count("inbox"));
        Assert.Equal(0, await Count("dead_letter"));
    }

    [Fact]
    public async Task Deliveries_of_one_batch_at_the_same_time_take_effect_once()
    {
        var records = await SomeRecords(8);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Deliver(effect, records)));

        Assert.Equal(8, await Count("audit_entry"));
    }

    [Fact]
    public async Task Poison_in_a_batch_is_parked_with_its_bytes_and_its_neighbours_take_effect_once()
    {
        var records = await SomeRecords(3);
        byte[] bytes = [0x7b, 0x00, 0xff];
        var poison = new EventRecord("task-events", 2, 41, [0x00, 0x41], bytes, [new("h", [1]), new("n\0", null)]);

        await Deliver(Trail, [records[0], poison, .. records.Skip(1)]);
        clock.Advance(TimeSpan.FromMinutes(1));
        await Deliver(Trail, [poison]);

        Assert.Equal(3, await Count("audit_entry"));
        var letter = Assert.Single(await Letters());
        Assert.Equal((AuditTrail.GroupName, "task-events", 2, 41L), (letter.GroupName, letter.Topic, letter.Partition, letter.RecordOffset));
        Assert.Equal(bytes, letter.Value);
        Assert.Equal(poison.Headers, letter.ToRecord().Headers, (one, other) => one.Key == other.Key && (one.Value ?? []).SequenceEqual(other.Value ?? []));
        Assert.Equal(TimeSpan.FromMinutes(1), letter.LastParkedAt - letter.FirstParkedAt);
        Assert.Equal(bytes, await database.Scalar<byte[]>("select payload from outbox where topic = 'task-events.dead-letter'"));
        Assert.Equal(1, await database.Scalar<long>(
            $"select count(*) from outbox where topic = 'task-events.dead-letter' and headers->>'dead-letter-id' = '{letter.Id}'"));
    }

    [Fact]
    public async Task An_unknown_major_version_is_parked_and_an_unknown_type_is_not()
    {
        var (v2, other) = (Edited((await SomeRecords(1))[0], "task.created.v2"), Edited((await SomeRecords(1))[0], "task.archived.v1"));

        await Deliver(Trail, [v2, other]);

        Assert.Contains("task.created.v2", Assert.Single(await Letters()).Reason, StringComparison.Ordinal);
        Assert.Equal("task.archived.v1", await database.Scalar<string>("select event_type from audit_entry"));
    }

    [Fact]
    public async Task Text_that_PostgreSQL_cannot_hold_is_parked_too()
    {
        var record = Edited((await SomeRecords(1))[0], "task.created.v\0");
        var correlated = Edited((await SomeRecords(1))[0], "task.created.v1", "a\0b");

        await Deliver(Trail, [record, correlated]);

        Assert.Equal(2, (await Letters()).Count);
    }

    [Fact]
    public async Task What_fails_by_itself_is_tried_three_times_parked_and_taken_up_again_when_it_is_mended()
    {
        var records = await SomeRecords(4);
        var broken = IdOf(records[2]);
        effect.Fail = read => read.Id == broken ? new InvalidOperationException("a defect") : null;

        await Deliver(effect, records);

        Assert.Equal(3, await Count("audit_entry"));
        Assert.Equal(1 + 3, effect.Attempts(broken)); // once in the batch, three times alone
        var letter = Assert.Single(await Letters());
        Assert.Equal("InvalidOperationException: a defect", letter.Reason);
        Assert.Equal(broken, letter.EventId);

        Assert.Contains("a defect", await Replay(letter), StringComparison.Ordinal);
        Assert.Null((await Letters())[0].ReplayedAt);
        effect.Fail = _ => null;
        Assert.Null(await Replay(letter));
        Assert.Null(await Replay(letter));
        Assert.Equal(4, await Count("audit_entry"));
        Assert.NotNull((await Letters())[0].ReplayedAt);
    }

    [Fact]
    public async Task A_fault_of_the_moment_is_over_at_the_next_try_and_nothing_is_parked()
    {
        var records = await SomeRecords(3);
        var id = IdOf(records[1]);
        effect.Fail = read => read.Id == id && effect.Attempts(id) < 3 ? new InvalidOperationException("a race") : null;

        await Deliver(effect, records);

        Assert.Equal(3, await Count("audit_entry"));
        Assert.Equal(0, await Count("dead_letter"));
    }

    [Theory]
    [InlineData("57P01")] // the server shuts down
    [InlineData("40P01")] // deadlock
    [InlineData("42P01")] // a table is missing: not migrated
    [InlineData("28P01")] // wrong password
    [InlineData("53300")] // too many connections
    public async Task What_the_database_cannot_do_now_is_left_to_the_hosts_retry(string state)
    {
        var records = await SomeRecords(2);
        effect.Fail = _ => new DbUpdateException("-", new PostgresException("-", "FATAL", "FATAL", state));

        await Assert.ThrowsAsync<DbUpdateException>(() => Deliver(effect, records));
        Assert.Equal((0, 0, 0), (await Count("audit_entry"), await Count("inbox"), await Count("dead_letter")));

        effect.Fail = _ => null;
        await Deliver(effect, records);
        Assert.Equal((2, 2, 0), (await Count("audit_entry"), await Count("inbox"), await Count("dead_letter")));
    }

    [Fact]
    public async Task A_host_that_stops_leaves_the_batch_undone()
    {
        var records = await SomeRecords(2);
        using var stopping = new CancellationTokenSource();
        effect.Fail = _ =>
        {
            stopping.Cancel();
            return null;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => services.Get<Inbox>().Deliver(effect, records, stopping.Token));

        Assert.Equal((0, 0, 0), (await Count("audit_entry"), await Count("inbox"), await Count("dead_letter")));
    }

    [Fact]
    public async Task Events_of_a_user_who_is_gone_are_passed_over()
    {
        var records = await SomeRecords(2);
        await database.Execute("delete from app_user");

        await Deliver(Trail, records);

        Assert.Equal((0, 2, 0), (await Count("audit_entry"), await Count("inbox"), await Count("dead_letter")));
    }

    [Fact]
    public async Task What_is_announced_by_an_effect_belongs_to_the_request_and_trace_of_its_event()
    {
        Correlation.Id = "request-7";
        await services.AddTask(user);
        Correlation.Id = "";
        var records = await services.Records();
        effect.Announce = user;

        await Deliver(effect, records);

        var read = (await services.Records()).Select(record => Event.TryRead(record.Value, out var e, out _) ? e : null!).ToList();
        Assert.Equal(2, read.Count);
        Assert.All(read, one => Assert.Equal("request-7", one.CorrelationId));
        Assert.NotNull(read[1].TraceParent);
    }

    [Fact]
    public async Task Pruning_keeps_what_is_young_unread_or_parked()
    {
        await Deliver(Trail, [.. await SomeRecords(3), new EventRecord("task-events", 0, 1, null, null, [])]);
        await services.Sweep();
        var last = await database.Scalar<long>("select max(sequence) from outbox where topic = 'task-events'");
        var lane = await database.Scalar<short>($"select lane from outbox where sequence = {last}");
        await database.Execute($"insert into consumer_cursor values ('g', 'task-events', {lane}, {last - 1})");
        var history = services.Get<History>();

        clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(0, await history.Prune(default));
        clock.Advance(TimeSpan.FromHours(2));
        Assert.True(await history.Prune(default) > 0);
        Assert.Equal(1, await Count("outbox")); // the one that group g has not read
        await database.Execute($"update consumer_cursor set sequence = {last}");
        await history.Prune(default);
        Assert.Equal((0, 3, 1), (await Count("outbox"), await Count("inbox"), await Count("dead_letter")));

        clock.Advance(TimeSpan.FromDays(14));
        await history.Prune(default);
        Assert.Equal((0, 1, 3), (await Count("inbox"), await Count("dead_letter"), await Count("audit_entry")));
    }

    private AuditTrail Trail => services.Get<AuditTrail>();

    private static Guid IdOf(EventRecord record) => Guid.Parse(JsonNode.Parse(record.Value)!["id"]!.GetValue<string>());

    private static EventRecord Edited(EventRecord record, string type, string? correlationId = null)
    {
        var json = JsonNode.Parse(record.Value)!;
        json["type"] = type;
        json["correlationid"] = correlationId ?? "c";
        return record with { Offset = record.Offset + 1000, Value = Encoding.UTF8.GetBytes(json.ToJsonString()) };
    }

    private async Task<IReadOnlyList<EventRecord>> SomeRecords(int count)
    {
        var before = (await services.Records()).Count;
        for (var i = 0; i < count; i++)
        {
            await services.AddTask(user);
        }

        return [.. (await services.Records()).Skip(before)];
    }

    private Task Deliver(IEventEffect consumer, IReadOnlyList<EventRecord> records) => services.Get<Inbox>().Deliver(consumer, records, CancellationToken.None);

    private Task<string?> Replay(DeadLetter letter) => services.Get<Inbox>().Replay(effect, letter, CancellationToken.None);

    private Task<long> Count(string table) => database.Scalar<long>($"select count(*) from {table}");

    private async Task<List<DeadLetter>> Letters()
    {
        await using var db = services.OpenDb();
        return await db.DeadLetters.AsNoTracking().OrderBy(letter => letter.RecordOffset).ToListAsync();
    }

    // Writes audit rows one by one through the tracked context, and fails when it is told to.
    private sealed class TestEffect : IEventEffect
    {
        private readonly List<Guid> attempts = [];

        public string Group => "test";

        public Func<Event, Exception?> Fail { get; set; } = _ => null;

        public Guid? Announce { get; set; }

        public int Attempts(Guid id)
        {
            lock (attempts)
            {
                return attempts.Count(attempt => attempt == id);
            }
        }

        public Task Apply(TodoFlowDb db, IReadOnlyList<Event> events, CancellationToken ct)
        {
            foreach (var read in events)
            {
                lock (attempts)
                {
                    attempts.Add(read.Id);
                }

                using var _ = read.Continue("test");
                if (Fail(read) is { } failure)
                {
                    throw failure;
                }

                db.Add(new AuditEntry
                {
                    EventId = read.Id,
                    TaskId = read.TaskId!.Value,
                    UserId = read.UserId!.Value,
                    EventType = read.Type,
                    OccurredAt = read.Time,
                    CorrelationId = read.CorrelationId,
                    Changes = "[]",
                });
                if (Announce is { } user)
                {
                    var (task, fact) = TaskItem.Create(Guid.CreateVersion7(), user, new TaskEdit { Title = "b" }, null, read.Time);
                    db.Add(task);
                    db.Announce(fact);
                }
            }

            return Task.CompletedTask;
        }
    }
}
