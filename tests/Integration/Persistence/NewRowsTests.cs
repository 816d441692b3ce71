using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Persistence;

/// <summary>Rows that are added without being tracked: as the context would have stored them, all or none.</summary>
public sealed class NewRowsTests : EventTest
{
    private NewRows Rows => Services.Get<NewRows>();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task They_are_what_a_save_would_have_stored(bool withEverything)
    {
        var edit = withEverything ? Everything : new TaskEdit { Title = "a" };
        var (saved, created) = New(edit);
        await using (var db = Services.OpenDb())
        {
            db.Add(saved);
            db.Announce(created);
            await db.SaveChangesAsync();
        }

        var added = await Add(edit);

        Assert.Equal(await Stored(saved.Id), await Stored(added.Id));
        Assert.Equal(withEverything ? 3 : 2, (await Stored(added.Id)).Count(row => row.Contains("payload", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task However_many_they_are_they_are_what_they_would_be_alone_and_their_events_in_order(int number)
    {
        TaskEdit[] edits =
        [
            new() { Title = "a" },
            Everything,
            new() { Title = "\"\\{},", Tags = new[] { "NULL", "a,b", "{c}", "\"d\"", "\\e", "'f'", " g ", "h\ni", "j" } },
        ];
        var added = Enumerable.Range(0, number).Select(index => New(edits[index % edits.Length])).ToList();
        await Rows.Add(added.Select(one => one.Task), added.Select(one => one.Fact), null, CancellationToken.None);

        Assert.Equal(
            added.SelectMany(one => new[] { $"{one.Task.Id} task-events", $"{one.Task.Id} task-updates" }),
            await Database.Column<string>("select key || ' ' || topic from outbox order by position"));
        foreach (var ((task, _), edit) in added.Zip(Enumerable.Range(0, number), (one, index) => (one, edits[index % edits.Length])).TakeLast(edits.Length))
        {
            var (alone, fact) = New(edit);
            await Rows.Add([alone], [fact], null, CancellationToken.None);
            Assert.Equal(await Stored(alone.Id), await Stored(task.Id));
        }
    }

    [Fact]
    public async Task In_a_unit_of_work_they_are_stored_with_it_or_not_at_all()
    {
        await using var db = Services.OpenDb();
        await using (await db.Database.BeginTransactionAsync())
        {
            await AddWithin(db);
        }

        Assert.Equal(0, await Database.Scalar<long>("select (select count(*) from task_item) + (select count(*) from outbox)"));

        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await AddWithin(db);
        await db.SaveChangesAsync(); // as a unit of work ends, which must not add them again
        await transaction.CommitAsync();
        Assert.Equal(3, await Database.Scalar<long>("select (select count(*) from task_item) + (select count(*) from outbox)"));

        async Task AddWithin(TodoFlowDb db)
        {
            var (task, fact) = New(Everything);
            await NewRows.Add(db, [task], [.. fact.ToEvents()], CancellationToken.None);
        }
    }

    [Fact]
    public async Task They_are_stored_in_one_transaction_their_events_last_and_in_order()
    {
        var task = await Add(Everything);

        Assert.Equal(
            1, await Database.Scalar<long>("select count(distinct xmin::text) from (select xmin from task_item union all select xmin from reminder) as stored"));
        Assert.Equal(["task-events", "task-updates", "reminders"], await Database.Column<string>($"select topic from outbox where key = '{task.Id}' order by position"));
    }

    [Fact]
    public async Task A_row_that_is_refused_takes_the_others_with_it()
    {
        await Database.Execute("create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused' using errcode = '23514'; end $$");
        await Database.Execute("create trigger refuse before insert on outbox for each row execute function refuse()");

        var error = await Assert.ThrowsAsync<DbUpdateException>(() => Add(Everything));

        Assert.Equal("23514", Assert.IsType<PostgresException>(error.InnerException).SqlState);
        Assert.Equal(0, await Database.Scalar<long>("select (select count(*) from task_item) + (select count(*) from reminder)"));
    }

    [Fact]
    public async Task An_assumption_that_does_not_hold_leaves_nothing_behind()
    {
        await Assert.ThrowsAsync<OvertakenException>(() => Add(Everything, new Assumption(Holds: false)));
        Assert.Equal(0, await Database.Scalar<long>("select (select count(*) from task_item) + (select count(*) from reminder) + (select count(*) from outbox)"));

        await Add(Everything, new Assumption(Holds: true));
        Assert.Equal(1, await Database.Scalar<long>("select count(*) from task_item"));
    }

    private static DateTimeOffset Now { get; } = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    private (TaskItem Task, TaskCreated Fact) New(TaskEdit edit) => TaskItem.Create(Guid.CreateVersion7(), User, edit, [1, 2, 3], Now);

    private async Task<TaskItem> Add(TaskEdit edit, IAssumption? assumption = null)
    {
        var (task, fact) = New(edit);
        if (ReminderPlan.OfNew(task, new TimeOnly(9, 0)) is var (reminder, scheduled))
        {
            await Rows.Add([task, reminder], [fact, scheduled], assumption, CancellationToken.None);
        }
        else
        {
            await Rows.Add([task], [fact], assumption, CancellationToken.None);
        }

        return task;
    }

    // Everything that is stored of a task but ids and when it was published.
    private Task<List<string>> Stored(Guid task) => Database.Column<string>(
        $"""
        select replace(row::text, '{task}', 'T') from (
            select 1 as part, 0 as position, to_jsonb(t) as row from task_item t where id = '{task}'
            union all select 2, 0, to_jsonb(r) - 'id' from reminder r where task_id = '{task}'
            union all select 3, position, to_jsonb(o) - 'event_id' - 'position' - 'published_at' - 'sequence' - 'lane' - 'payload' ||
                jsonb_build_object('payload', (convert_from(payload, 'UTF8')::jsonb - 'id' - 'correlationid') #- '{"{data,reminder_id}"}')
            from outbox o where key = '{task}') as stored
        order by part, position
        """);

    private sealed record Assumption(bool Holds) : IAssumption
    {
        public NpgsqlBatchCommand Check() => new("select raise_overtaken() where not $1") { Parameters = { new NpgsqlParameter<bool> { TypedValue = Holds } } };
    }
}
