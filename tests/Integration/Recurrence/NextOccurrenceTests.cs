using System.Text.Json.Nodes;
using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Recurrence;

public sealed class NextOccurrenceTests(UndeliveredApp app) : NextOccurrenceTest(app)
{
    [Fact]
    public async Task Completing_a_recurring_task_lets_one_follow_however_often_the_event_is_delivered()
    {
        using var alice = await App.SignUp();
        var first = (await alice.Post("/api/tasks", new
        {
            title = "Water the plants",
            description = "All of them",
            priority = "high",
            tags = new[] { "home" },
            due_date = "2099-03-09T19:00:00+01:00",
            time_zone = "Europe/Berlin",
            recurrence = "Daily",
            reminder_offset = "15 minutes",
        })).Is(201);
        Assert.Equal("daily", first.Text("recurrence"));
        (await alice.Post($"/api/tasks/{first.Id}/complete", null, ("X-Correlation-Id", "done-1"))).Is(200);

        await Task.WhenAll(App.Deliver<NextOccurrence>(), App.Deliver<NextOccurrence>());
        await App.Deliver<NextOccurrence>();

        var next = await Head(alice);
        Assert.Equal(App.OccurrenceId(first.Id, 2), Id(next));
        Assert.Equal("2099-03-10T19:00:00+01:00", next["due_date"]!.GetValue<string>());
        Assert.Equal((first.Id, first.Id, 2), (Guid.Parse(next["series_id"]!.GetValue<string>()), Guid.Parse(next["parent_task_id"]!.GetValue<string>()), next["occurrence"]!.GetValue<int>()));
        foreach (var field in new[] { "title", "description", "priority", "tags", "time_zone", "recurrence", "recurrence_basis", "reminder_offset", "user_id" })
        {
            Assert.Equal(first[field]!.ToJsonString(), next[field]!.ToJsonString());
        }

        var created = await App.Database.Scalar<string>($"select convert_from(payload, 'UTF8') from outbox where topic = 'task-events' and key = '{Id(next)}'");
        Assert.Equal("done-1", JsonNode.Parse(created)!["correlationid"]!.GetValue<string>());
    }

    [Fact]
    public async Task Only_the_completion_that_holds_makes_the_next_occurrence()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);
        (await alice.Put($"/api/tasks/{first}", new { title = "b", due_date = "2099-01-05" })).Is(200);
        await Complete(alice, first);

        await App.Deliver<NextOccurrence>();

        var next = await Head(alice);
        Assert.Equal(("b", "2099-01-06"), (next["title"]!.GetValue<string>(), next["due_date"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Deleting_the_completed_task_does_not_end_its_series()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        (await alice.Delete($"/api/tasks/{first}")).Is(204);

        await App.Deliver<NextOccurrence>();

        Assert.Equal(App.OccurrenceId(first, 2), Id(await Head(alice)));
    }

    [Fact]
    public async Task Deleting_the_open_occurrence_ends_the_series()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        await App.Deliver<NextOccurrence>();
        (await alice.Delete($"/api/tasks/{Id(await Head(alice))}")).Is(204);

        await App.Deliver<NextOccurrence>();

        Assert.Empty(await Heads(alice));
    }

    [Fact]
    public async Task A_series_ends_when_its_rule_does()
    {
        using var alice = await App.SignUp();
        var task = await Recurring(alice, "FREQ=DAILY;COUNT=3", "2099-01-01");
        for (var occurrence = 2; occurrence <= 3; occurrence++)
        {
            await Complete(alice, task);
            await App.Deliver<NextOccurrence>();
            var head = await Head(alice);
            Assert.Equal($"2099-01-0{occurrence}", head["due_date"]!.GetValue<string>());
            task = Id(head);
        }

        await Complete(alice, task);
        await App.Deliver<NextOccurrence>();
        Assert.Empty(await Heads(alice));
    }

    [Theory]
    // A Monday's task, moved: the rhythm stays.
    [InlineData("weekly", "2099-03-02", """{"due_date": "2099-03-04"}""", "2099-03-09")]
    [InlineData("monthly", "2099-01-31", """{"due_date": "2099-01-28"}""", "2099-02-28")]
    // Another rule counts from where the task stands.
    [InlineData("weekly", "2099-03-02", """{"recurrence": "FREQ=DAILY;INTERVAL=3"}""", "2099-03-05")]
    [InlineData("weekly", "2099-03-02", """{"due_date": "2099-03-04", "recurrence": "FREQ=WEEKLY"}""", "2099-03-11")]
    // A task that becomes timed stays so, on its days.
    [InlineData("weekly", "2099-03-02", """{"due_date": "2099-03-04T10:00:00Z"}""", "2099-03-09T10:00:00+00:00")]
    [InlineData("weekly", "2099-03-02T10:00:00Z", """{"due_date": "2099-03-04"}""", "2099-03-09")]
    // In another zone the same instant is another time of day, which the series keeps.
    [InlineData("daily", "2099-03-02T10:00:00Z", """{"time_zone": "Asia/Tokyo"}""", "2099-03-03T19:00:00+09:00")]
    public async Task Moving_an_occurrence_keeps_the_rhythm_and_another_rule_begins_one(string rule, string due, string edit, string next)
    {
        using var alice = await App.SignUp();
        var task = await Recurring(alice, rule, due);
        (await alice.Put($"/api/tasks/{task}", edit)).Is(200);
        await Complete(alice, task);

        await App.Deliver<NextOccurrence>();

        Assert.Equal(next, (await Head(alice))["due_date"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_move_is_forgotten_by_the_occurrence_after_the_next()
    {
        using var alice = await App.SignUp();
        var task = await Recurring(alice, "monthly", "2099-01-31");
        foreach (var (moved, next) in new[] { ("2099-02-03", "2099-02-28"), ("2099-02-25", "2099-03-31"), ("2099-04-01", "2099-04-30") })
        {
            (await alice.Put($"/api/tasks/{task}", new { due_date = moved })).Is(200);
            await Complete(alice, task);
            await App.Deliver<NextOccurrence>();
            var head = await Head(alice);
            Assert.Equal(next, head["due_date"]!.GetValue<string>());
            task = Id(head);
        }
    }

    [Fact]
    public async Task COUNT_counts_from_the_occurrence_whose_rule_was_changed()
    {
        using var alice = await App.SignUp();
        var task = await Recurring(alice, "daily", "2099-01-01");
        for (var i = 0; i < 4; i++)
        {
            await Complete(alice, task);
            await App.Deliver<NextOccurrence>();
            task = Id(await Head(alice));
        }

        (await alice.Put($"/api/tasks/{task}", new { recurrence = "FREQ=DAILY;COUNT=2", recurrence_basis = "completion" })).Is(200);
        await Complete(alice, task);
        await App.Deliver<NextOccurrence>();
        var sixth = await Head(alice);
        Assert.Equal(6, sixth["occurrence"]!.GetValue<int>());

        await Complete(alice, Id(sixth));
        await App.Deliver<NextOccurrence>();
        Assert.Empty(await Heads(alice));
    }

    [Fact]
    public async Task A_task_that_does_not_recur_has_no_series_and_no_successor()
    {
        using var alice = await App.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "once", due_date = "2099-01-01" })).Is(201);
        Assert.Null(task["series_id"]);
        await Complete(alice, task.Id);

        await App.Deliver<NextOccurrence>();

        Assert.Empty((await alice.Get("/api/tasks?status=pending")).Is(200).Json.AsArray());
    }

    [Fact]
    public async Task Whatever_users_and_consumers_do_at_the_same_time_a_series_has_one_head()
    {
        const int Seed = 20260301;
        using var alice = await App.SignUp();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async number =>
        {
            var random = new Random(Seed + number);
            var series = await Recurring(alice, "daily", "2099-01-01", $"Series no. {number}");
            for (var step = 0; step < 25; step++)
            {
                var occurrence = random.Next(1, 5);
                var id = occurrence == 1 ? series : App.OccurrenceId(series, occurrence);
                var acts = new List<Task>();
                for (var i = random.Next(1, 4); i > 0; i--)
                {
                    acts.Add(random.Next(5) switch
                    {
                        0 or 1 => alice.Post($"/api/tasks/{id}/complete"),
                        2 => alice.Post($"/api/tasks/{id}/reopen"),
                        3 => alice.Put($"/api/tasks/{id}", new { title = $"step {step}" }),
                        _ => App.Deliver<NextOccurrence>(),
                    });
                }

                await Task.WhenAll(acts);
                foreach (var answer in acts.OfType<Task<ApiAnswer>>())
                {
                    Assert.True((await answer).Status is 200 or 404, (await answer).Body);
                }
            }
        }));
        await App.Deliver<NextOccurrence>();

        Assert.Equal(0, await App.Database.Scalar<long>("select count(*) from dead_letter"));
        Assert.Empty(await App.Database.Column<string>(
            "select series_id::text from task_item where status = 0 and recurrence is not null group by series_id having count(*) > 1"));
        // The last occurrence of a series is its head, or has been completed and everything after it is gone for good.
        var me = (await alice.Get("/api/me")).Is(200).Text("id");
        Assert.Empty(await App.Database.Column<string>(
            $"""
            select id::text from task_item as task where user_id = '{me}' and status = 1 and recurrence is not null
            and not exists (select from task_item as head where head.series_id = task.series_id and head.status = 0 and head.recurrence is not null)
            """));
    }
}
