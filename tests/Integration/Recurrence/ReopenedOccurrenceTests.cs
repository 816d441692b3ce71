using Npgsql;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Tests.Support;
using Xunit;
using Xunit.Sdk;

namespace TodoFlow.Tests.Integration.Recurrence;

/// <summary>What becomes of the next occurrence when the completed task is reopened.</summary>
public sealed class ReopenedOccurrenceTests(UndeliveredApp app) : NextOccurrenceTest(app)
{
    [Fact]
    public async Task Reopening_takes_back_an_untouched_next_occurrence_and_completing_again_makes_the_same()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        await App.Deliver<NextOccurrence>();
        var next = Id(await Head(alice));

        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);
        Assert.Equal(first, Id(await Head(alice)));
        (await alice.Get($"/api/tasks/{next}")).Is(404);

        await Complete(alice, first);
        await App.Deliver<NextOccurrence>();
        Assert.Equal(next, Id(await Head(alice)));
        Assert.Equal(["task.created.v1", "task.deleted.v1", "task.created.v1"], await TypesOf(next));
    }

    [Fact]
    public async Task A_completion_that_was_taken_back_before_its_event_arrived_makes_nothing()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);

        await App.Deliver<NextOccurrence>();
        Assert.Equal(first, Id(await Head(alice)));

        await Complete(alice, first);
        await App.Deliver<NextOccurrence>();
        Assert.Equal(App.OccurrenceId(first, 2), Id(await Head(alice)));
    }

    [Fact]
    public async Task Reopening_while_the_consumer_makes_the_next_occurrence_takes_it_back()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        await using var consuming = await App.Host.Services.GetRequiredService<UnitOfWorkFactory>().Begin(CancellationToken.None);
        await App.Host.Services.GetRequiredService<NextOccurrence>().Handle(consuming, await Events(), CancellationToken.None);
        await consuming.Flush(CancellationToken.None);

        var reopening = alice.Post($"/api/tasks/{first}/reopen"); // it does not see the next occurrence, and waits for the task's row
        await App.Database.UntilSomebodyWaitsForALock();
        await consuming.Commit(CancellationToken.None);

        Assert.Equal("daily", (await reopening).Is(200).Text("recurrence"));
        Assert.Equal(first, Id(await Head(alice)));
    }

    [Fact]
    public async Task A_consumer_that_comes_while_the_task_is_reopened_makes_nothing()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        await using var connection = await App.Database.Source.OpenConnectionAsync();
        await using var reopening = await connection.BeginTransactionAsync();
        await new NpgsqlCommand(
            $$"""update task_item set status = 0, version = 3, completed_at = null, field_versions = '{"status": 3}' where id = '{{first}}'""", connection)
            .ExecuteNonQueryAsync();

        var consuming = App.Deliver<NextOccurrence>();
        await App.Database.UntilSomebodyWaitsForALock();
        await reopening.CommitAsync();
        await consuming;

        Assert.Equal(first, Id(await Head(alice)));
        Assert.Equal(0, await App.Database.Scalar<long>("select count(*) from dead_letter"));
    }

    [Fact]
    public async Task A_next_occurrence_that_was_worked_on_stays_and_the_reopened_task_stands_alone()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        await App.Deliver<NextOccurrence>();
        var next = Id(await Head(alice));
        (await alice.Put($"/api/tasks/{next}", new { title = "mine" })).Is(200);

        var reopened = (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);

        Assert.Equal(("pending", "none"), (reopened.Text("status"), reopened.Text("recurrence")));
        Assert.Equal(next, Id(await Head(alice)));
        await Complete(alice, first);
        await App.Deliver<NextOccurrence>();
        Assert.Equal(next, Id(await Head(alice)));

        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);
        var anew = (await alice.Put($"/api/tasks/{first}", new { recurrence = "weekly" })).Is(200);
        Assert.NotEqual(first.ToString(), anew.Text("series_id")); // a series of its own, beside the one that went on
    }

    [Fact]
    public async Task A_reopened_task_stands_alone_where_its_next_occurrence_is_deleted_and_the_series_went_on()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        await App.Deliver<NextOccurrence>();
        var second = Id(await Head(alice));
        await Complete(alice, second);
        await App.Deliver<NextOccurrence>();
        var third = Id(await Head(alice));
        (await alice.Delete($"/api/tasks/{second}")).Is(204);

        var reopened = (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);

        Assert.Equal(("pending", "none"), (reopened.Text("status"), reopened.Text("recurrence")));
        Assert.Equal(third, Id(await Head(alice)));
    }

    [Fact]
    public async Task Deleting_a_task_that_was_reopened_ends_its_series_whenever_its_events_arrive()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);
        (await alice.Delete($"/api/tasks/{first}")).Is(204);

        foreach (var record in await App.Records())
        {
            await App.Deliver<NextOccurrence>([record]);
        }

        Assert.Empty(await Heads(alice));
    }
}
