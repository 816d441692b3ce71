using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Tests.Support;
using Xunit;
using static TodoFlow.Tests.Integration.Sync.SyncRequests;

namespace TodoFlow.Tests.Integration.Recurrence;

/// <summary>Nobody takes the id of somebody's next occurrence; and where one is taken, the series goes on under another.</summary>
public sealed class OccurrenceIdTests(UndeliveredApp app) : NextOccurrenceTest(app)
{
    [Fact]
    public async Task Clients_choose_no_id_of_the_version_that_occurrences_have()
    {
        using var mallory = await App.SignUp();
        var (taken, free) = (Domain.Recurrence.OccurrenceId.Unkeyed(Guid.CreateVersion7(), 2), Guid.NewGuid());

        var refused = (await mallory.Post("/api/tasks", new { id = taken, title = "mine" })).Is(400);
        Assert.Equal(["id"], refused.BadFields);
        (await mallory.Post("/api/tasks", new { id = free, title = "mine" })).Is(201);

        foreach (var (path, list) in new[] { ("/api/tasks/batch", "commands"), ("/api/sync", "commands") })
        {
            var results = (await mallory.Post(path, new Dictionary<string, object>
            {
                [list] = new[] { Command("create", taken, new { title = "mine" }), Command("create", Guid.CreateVersion7(), new { title = "mine" }) },
            })).Is(200)["results"]!;
            Assert.Equal(["rejected", "applied"], results.AsArray().Select(result => result!["status"]!.GetValue<string>()));
            Assert.Equal("task_id", results[0]!["problem"]!["errors"]![0]!["field"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task A_series_goes_on_under_another_id_where_another_task_has_its_own()
    {
        using var alice = await App.SignUp();
        using var bob = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        var strange = await TakeIdOfSecond(bob, first);
        await Complete(alice, first);

        await Task.WhenAll(App.Deliver<NextOccurrence>(), App.Deliver<NextOccurrence>());
        await Forget();
        await App.Deliver<NextOccurrence>();

        var next = await Head(alice);
        Assert.Equal((2, first), (next["occurrence"]!.GetValue<int>(), Guid.Parse(next["parent_task_id"]!.GetValue<string>())));
        Assert.NotEqual(strange, Id(next));
        Assert.Equal("bob's", (await bob.Get($"/api/tasks/{strange}")).Is(200).Text("title"));

        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200); // takes it back, and leaves Bob's alone
        Assert.Equal(first, Id(await Head(alice)));
        (await bob.Get($"/api/tasks/{strange}")).Is(200);
    }

    [Fact]
    public async Task Reopening_a_task_that_is_deleted_takes_back_what_has_another_id()
    {
        using var alice = await App.SignUp();
        using var bob = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        var strange = await TakeIdOfSecond(bob, first);
        await Complete(alice, first);
        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);
        (await alice.Delete($"/api/tasks/{first}")).Is(204);

        await App.Deliver<NextOccurrence>();

        Assert.Empty(await Heads(alice));
        (await bob.Get($"/api/tasks/{strange}")).Is(200);
    }

    [Fact]
    public async Task An_occurrence_that_was_made_before_there_was_a_key_stays_the_only_one()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        await App.Deliver<NextOccurrence>();
        var old = Domain.Recurrence.OccurrenceId.Unkeyed(first, 2);
        await App.Database.Execute($"update task_item set id = '{old}' where id = '{App.OccurrenceId(first, 2)}'");
        (await alice.Put($"/api/tasks/{old}", new { recurrence = "none" })).Is(200); // no head of its series any more, which would be found, too

        await Forget();
        await App.Deliver<NextOccurrence>();

        Assert.Empty(await Heads(alice));
        Assert.Equal(1, await App.Database.Scalar<long>($"select count(*) from task_item where parent_task_id = '{first}'"));
    }

    [Fact]
    public async Task Reopening_takes_back_an_occurrence_that_was_made_before_there_was_a_key()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        await App.Deliver<NextOccurrence>();
        await App.Database.Execute($"update task_item set id = '{Domain.Recurrence.OccurrenceId.Unkeyed(first, 2)}' where id = '{App.OccurrenceId(first, 2)}'");

        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);

        Assert.Equal(first, Id(await Head(alice)));
    }

    // As only somebody with the key could.
    private async Task<Guid> TakeIdOfSecond(ApiClient client, Guid series)
    {
        var task = (await client.Post("/api/tasks", new { title = "bob's" })).Is(201).Id;
        var taken = App.OccurrenceId(series, 2);
        await App.Database.Execute($"update task_item set id = '{taken}' where id = '{task}'");
        return taken;
    }

    // What consumers have handled is forgotten after some days: then nothing but what is stored keeps them from doing it again.
    private Task<int> Forget() => App.Database.Execute("delete from inbox");
}
