using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Persistence;

/// <summary>Saves in one round trip: as a whole or not at all, and as Entity Framework itself would store them.</summary>
public sealed class BatchingDatabaseTests : EventTest
{
    [Fact]
    public async Task A_task_is_stored_with_its_events_or_not_at_all()
    {
        await using var db = Services.OpenDb();
        var first = Add(db, Everything);
        await db.SaveChangesAsync();
        Assert.Equal(
            1, await Database.Scalar<long>("select count(distinct xmin::text) from (select xmin from task_item union all select xmin from reminder) as stored"));

        Add(db, Everything);
        await Database.Execute("create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused' using errcode = '23514'; end $$");
        await Database.Execute("create trigger refuse before insert on outbox for each row execute function refuse()");
        var error = await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());

        Assert.Equal("23514", Assert.IsType<PostgresException>(error.InnerException).SqlState);
        Assert.Equal([first.Id], await Database.Column<Guid>("select id from task_item"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_column_is_what_Entity_Framework_would_have_stored(bool withEverything)
    {
        await using var db = Services.OpenDb();
        var (edit, next) = withEverything ? (Everything, new TaskEdit { Title = "b" }) : (new TaskEdit { Title = "a" }, Everything);
        var mine = Add(db, edit);
        await db.SaveChangesAsync();
        var asInserted = await Row(mine.Id);
        mine.Update(next, null, Now);
        mine.Complete(Now);
        await db.SaveChangesAsync();
        var asChanged = await Row(mine.Id);

        db.Remove(mine);
        var another = Add(db, edit);
        await SaveByEntityFramework(db);
        Assert.Equal(asInserted, await Row(another.Id));
        another.Update(next, null, Now);
        another.Complete(Now);
        await SaveByEntityFramework(db);
        Assert.Equal(asChanged, await Row(another.Id));
    }

    [Theory]
    [InlineData("update task_item set version = version + 1", false)]
    [InlineData("update task_item set version = version + 1", true)]
    [InlineData("delete from task_item", false)]
    [InlineData("delete from task_item", true)]
    public async Task A_change_that_another_writer_overtook_stores_nothing(string meanwhile, bool isRemoval)
    {
        await using var db = Services.OpenDb();
        var task = Add(db, Everything);
        await db.SaveChangesAsync();
        await Database.Execute(meanwhile);
        db.Announce(isRemoval ? task.Delete(Now) : task.Complete(Now)!);
        if (isRemoval)
        {
            db.Remove(task);
        }

        await using (var transaction = await db.BeginOwn(CancellationToken.None))
        {
            await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => db.SaveAndCommit(transaction, CancellationToken.None));
        }

        Assert.Equal(3, await Database.Scalar<long>("select count(*) from outbox"));
        Assert.Equal(0, await Database.Scalar<long>("select count(*) from task_item where status = 1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_deleting_withdraws_is_withdrawn_with_it(bool byEntityFramework)
    {
        await using var db = Services.OpenDb();
        var task = Add(db, Everything);
        await db.SaveChangesAsync();
        await Database.Execute(
            """
            insert into notification (id, user_id, task_id, reminder_id, event_id, title, body, remind_at, late, listed, created_at)
            select gen_random_uuid(), user_id, task_id, id, gen_random_uuid(), 'a', 'b', remind_at, false, false, created_at from reminder;
            insert into delivery (id, notification_id, user_id, channel, status, due_at, attempts, created_at)
            select gen_random_uuid(), id, user_id, 'email', 0, created_at, 0, created_at from notification
            """);
        db.Announce(task.Delete(Now));
        db.Remove(task);

        await (byEntityFramework ? SaveByEntityFramework(db) : db.SaveChangesAsync());

        Assert.Equal(1, await Database.Scalar<long>("select count(*) from notification where withdrawn_at is not null"));
        Assert.Equal(0, await Database.Scalar<long>("select count(*) from task_item"));
    }

    [Fact]
    public async Task A_change_that_fails_within_a_transaction_leaves_it_usable()
    {
        await using var db = Services.OpenDb();
        var task = Add(db, Everything);
        await db.SaveChangesAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await Database.Execute("update task_item set version = version + 1");
        task.Update(new TaskEdit { Title = "b" }, null, Now);
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync());

        db.ChangeTracker.Clear();
        (await db.Tasks.SingleAsync()).Update(new TaskEdit { Title = "c" }, null, Now);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();

        Assert.Equal("c", await Database.Scalar<string>("select title from task_item"));
    }

    [Fact]
    public async Task Many_rows_are_stored_as_few_are_and_events_in_the_order_in_which_they_were_announced()
    {
        const int Many = 37; // neither a multiple of how many rows a statement takes, nor fewer
        await using var db = Services.OpenDb();
        var added = Enumerable.Range(0, Many).Select(number => Add(db, number % 2 == 0 ? Everything : new TaskEdit { Title = "a" })).ToList();
        var announced = db.Outbox.Local.Select(row => row.EventId).ToList();
        await db.SaveChangesAsync();

        Assert.Equal(announced, await Database.Column<Guid>("select event_id from outbox where topic <> 'reminders' order by position"));
        await using var alone = Services.OpenDb();
        var (full, plain) = (Add(alone, Everything), Add(alone, new TaskEdit { Title = "a" }));
        await alone.SaveChangesAsync();
        foreach (var (task, number) in added.Select((task, number) => (task, number)))
        {
            Assert.Equal(await Row(number % 2 == 0 ? full.Id : plain.Id), await Row(task.Id));
        }
    }

    [Fact]
    public async Task So_does_a_new_row_that_is_there_already()
    {
        await using var db = Services.OpenDb();
        var task = Add(db, Everything);
        await db.SaveChangesAsync();
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var (same, fact) = TaskItem.Create(task.Id, User, new TaskEdit { Title = "b" }, null, Now);
        db.Add(same);
        db.Announce(fact);
        await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());

        db.ChangeTracker.Clear();
        (await db.Tasks.SingleAsync()).Update(new TaskEdit { Title = "c" }, null, Now);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();

        Assert.Equal("c", await Database.Scalar<string>("select title from task_item"));
        Assert.Equal(3, await Database.Scalar<long>("select count(*) from outbox"));
    }

    [Fact]
    public async Task Rows_that_refer_to_each_other_are_left_to_Entity_Framework()
    {
        await using var db = Services.OpenDb();
        var owner = Another();
        var (task, _) = TaskItem.Create(Guid.CreateVersion7(), owner.Id, new TaskEdit { Title = "a" }, null, Now);
        db.Add(task);
        db.Add(owner);
        await db.SaveChangesAsync();

        Assert.Equal([task.Id], await Database.Column<Guid>("select id from task_item"));
    }

    private static DateTimeOffset Now { get; } = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    private TaskItem Add(TodoFlowDb db, TaskEdit edit)
    {
        var (task, fact) = TaskItem.Create(Guid.CreateVersion7(), User, edit, [1, 2, 3], Now);
        db.Add(task);
        db.Announce(fact);
        return task;
    }

    // What is left to it: a save with a row that others might refer to.
    private static async Task SaveByEntityFramework(TodoFlowDb db)
    {
        db.Add(Another());
        await db.SaveChangesAsync();
    }

    private static User Another() => new()
    {
        Id = Guid.CreateVersion7(),
        Email = $"{Guid.NewGuid()}@example.com",
        NormalizedEmail = $"{Guid.NewGuid()}",
        PasswordHash = "",
        TimeZone = "UTC",
        CreatedAt = Now,
    };

    private Task<string> Row(Guid id) => Database.Scalar<string>($"select (to_jsonb(t) - 'id' - 'series_id')::text from task_item t where id = '{id}'");
}
