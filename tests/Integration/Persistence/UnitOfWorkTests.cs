using Npgsql;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence.Rows;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Persistence;

/// <summary>A change is written in one round trip: as a whole or not at all, and as Entity Framework would have stored it.</summary>
public sealed class UnitOfWorkTests : EventTest
{
    private static readonly TaskEdit Hostile = new()
    {
        Title = "\"\\{},",
        Tags = new[] { "NULL", "a,b", "{c}", "\"d\"", "\\e", "'f'", " g ", "h\ni", "j" },
    };

    private static DateTimeOffset Now { get; } = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_column_is_what_Entity_Framework_would_have_stored(bool withEverything)
    {
        var edit = withEverything ? Everything : Hostile;
        var mine = await Add(edit);
        var asInserted = await Row(mine.Id);
        await using var db = Services.OpenDb();
        await Database.Execute("delete from task_item"); // of the same series
        var (another, _) = TaskItem.Create(Guid.CreateVersion7(), User, edit, [1, 2, 3], Now);
        db.Add(another);
        await db.SaveChangesAsync();

        Assert.Equal(asInserted, await Row(another.Id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_column_of_a_change_is_too(bool withEverything)
    {
        var (edit, next) = withEverything ? (Everything, Hostile) : (Hostile, Everything);
        var mine = await Add(edit);
        await Services.Change(mine.Id, task => task.Update(next, null, Now));
        await Services.Change(mine.Id, task => task.Complete(Now));
        var asChanged = await Row(mine.Id);

        await using var db = Services.OpenDb();
        await Database.Execute("delete from task_item");
        var (another, _) = TaskItem.Create(Guid.CreateVersion7(), User, edit, [1, 2, 3], Now);
        db.Add(another);
        await db.SaveChangesAsync();
        another.Update(next, null, Now);
        another.Complete(Now);
        await db.SaveChangesAsync();

        Assert.Equal(asChanged, await Row(another.Id));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(37)] // neither a multiple of how many rows a statement takes, nor fewer
    [InlineData(100)]
    public async Task Many_rows_are_stored_as_each_would_be_alone_and_events_in_the_order_in_which_they_were_raised(int number)
    {
        TaskEdit[] edits = [new() { Title = "a" }, Everything, Hostile];
        await using var work = await Services.Begin();
        var added = Enumerable.Range(0, number).Select(index => work.AddTask(User, edits[index % edits.Length], now: Now, digest: [1, 2, 3])).ToList();
        await work.Commit(CancellationToken.None);

        Assert.Equal(
            added.SelectMany(task => task.ReminderOffset is null
                ? new[] { $"{task.Id} task-events", $"{task.Id} task-updates" }
                : [$"{task.Id} task-events", $"{task.Id} task-updates", $"{task.Id} reminders"]),
            await Database.Column<string>("select key || ' ' || topic from outbox order by position"));
        foreach (var (task, edit) in added.Zip(Enumerable.Range(0, number), (task, index) => (task, edits[index % edits.Length])).TakeLast(edits.Length))
        {
            Assert.Equal(await Stored((await Add(edit)).Id), await Stored(task.Id));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_task_is_stored_with_its_reminder_and_its_events_or_not_at_all(bool inTransaction)
    {
        var first = await Add(Everything, inTransaction);
        Assert.Equal(
            1, await Database.Scalar<long>("select count(distinct xmin::text) from (select xmin from task_item union all select xmin from reminder) as stored"));
        Assert.Equal(["task-events", "task-updates", "reminders"], await Database.Column<string>($"select topic from outbox where key = '{first.Id}' order by position"));

        await Database.Execute("create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused' using errcode = '23514'; end $$");
        await Database.Execute("create trigger refuse before insert on outbox for each row execute function refuse()");
        var error = await Assert.ThrowsAsync<PostgresException>(() => Add(Everything, inTransaction));

        Assert.Equal("23514", error.SqlState);
        Assert.Equal([first.Id], await Database.Column<Guid>("select id from task_item"));
        Assert.Equal(1, await Database.Scalar<long>("select count(*) from reminder"));
    }

    [Fact]
    public async Task What_is_not_committed_leaves_nothing_behind()
    {
        await using (var work = await Services.Begin())
        {
            work.AddTask(User, Everything);
            await work.Flush(CancellationToken.None);
            work.AddTask(User);
        }

        Assert.Equal(0, await Database.Scalar<long>("select (select count(*) from task_item) + (select count(*) from reminder) + (select count(*) from outbox)"));
    }

    [Fact]
    public async Task A_condition_that_does_not_hold_leaves_nothing_behind_and_the_change_is_made_again()
    {
        await using var work = Services.NewWork();
        var attempts = new List<long>();
        var task = await work.Run(
            async () =>
            {
                attempts.Add(await Database.Scalar<long>("select (select count(*) from task_item) + (select count(*) from reminder) + (select count(*) from outbox)"));
                work.OnlyIf(new Condition(Holds: work.Attempt == 3));
                return work.AddTask(User, Everything);
            },
            CancellationToken.None);

        Assert.Equal([0, 0, 0], attempts);
        Assert.Equal([task.Id], await Database.Column<Guid>("select id from task_item"));
        Assert.Equal(3, await Database.Scalar<long>("select count(*) from outbox"));
    }

    [Fact]
    public async Task A_change_within_a_change_is_a_part_of_it()
    {
        await using var work = Services.NewWork();
        await Assert.ThrowsAsync<InvalidOperationException>(() => work.Run<TaskItem>(
            async () =>
            {
                await work.Begin(CancellationToken.None);
                await work.Run(() => Task.FromResult(work.AddTask(User)), CancellationToken.None);
                throw new InvalidOperationException();
            },
            CancellationToken.None));

        Assert.Equal(0, await Database.Scalar<long>("select count(*) from task_item"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_starts_from_what_another_writer_has_committed_meanwhile(bool isRemoved)
    {
        var task = await Services.AddTask(User);
        await using var first = await Services.Begin();
        await first.ChangeTask(task.Id, item => isRemoved ? item.Delete(Now) : item.Update(new TaskEdit { Priority = TaskPriority.High }, null, Now));
        var second = Services.Change(task.Id, item => item.Complete(Now));
        await Database.UntilSomebodyWaitsForALock();
        await first.Commit(CancellationToken.None);

        if (isRemoved)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => second);
            Assert.Equal(0, await Database.Scalar<long>("select count(*) from task_item"));
            Assert.Equal(4, await Database.Scalar<long>("select count(*) from outbox"));
        }
        else
        {
            await second;
            Assert.Equal([1], await Database.Column<int>("select 1 from task_item where status = 1 and priority = 2 and version = 3"));
        }
    }

    [Fact]
    public async Task What_deleting_withdraws_is_withdrawn_with_it()
    {
        var task = await Add(Everything);
        await Database.Execute(
            """
            insert into notification (id, user_id, task_id, reminder_id, event_id, title, body, remind_at, late, listed, created_at)
            select gen_random_uuid(), user_id, task_id, id, gen_random_uuid(), 'a', 'b', remind_at, false, false, created_at from reminder;
            insert into delivery (id, notification_id, user_id, channel, status, due_at, attempts, created_at)
            select gen_random_uuid(), id, user_id, 'email', 0, created_at, 0, created_at from notification
            """);

        await Services.Change(task.Id, item => item.Delete(Now));

        Assert.Equal(1, await Database.Scalar<long>("select count(*) from notification where withdrawn_at is not null"));
        Assert.Equal(0, await Database.Scalar<long>("select count(*) from task_item"));
    }

    private async Task<TaskItem> Add(TaskEdit edit, bool inTransaction = false)
    {
        await using var work = Services.NewWork();
        if (inTransaction)
        {
            await work.Begin(CancellationToken.None);
        }

        var task = work.AddTask(User, edit, now: Now, digest: [1, 2, 3]);
        await work.Commit(CancellationToken.None);
        return task;
    }

    private Task<string> Row(Guid id) => Database.Scalar<string>($"select (to_jsonb(t) - 'id' - 'series_id' - 'changed_xid')::text from task_item t where id = '{id}'");

    // Everything that is stored of a task but ids and when it was published.
    private Task<List<string>> Stored(Guid task) => Database.Column<string>(
        $"""
        select replace(row::text, '{task}', 'T') from (
            select 1 as part, 0 as position, to_jsonb(t) - 'changed_xid' as row from task_item t where id = '{task}'
            union all select 2, 0, to_jsonb(r) - 'id' - 'changed_xid' from reminder r where task_id = '{task}'
            union all select 3, position, to_jsonb(o) - 'event_id' - 'position' - 'published_at' - 'sequence' - 'shard' - 'payload' ||
                jsonb_build_object('payload', (convert_from(payload, 'UTF8')::jsonb - 'id' - 'correlationid') #- '{"{data,reminder_id}"}')
            from outbox o where key = '{task}') as stored
        order by part, position
        """);

    private sealed record Condition(bool Holds) : IWriteCondition
    {
        public NpgsqlBatchCommand Lock() => new("select 1");

        public string AddTo(NpgsqlParameterCollection parameters)
        {
            parameters.Add(new NpgsqlParameter<bool> { TypedValue = Holds });
            return "$1";
        }

        public void Failed()
        {
        }
    }
}
