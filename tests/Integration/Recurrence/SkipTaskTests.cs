using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Recurrence;

/// <summary>POST /api/tasks/{id}/skip: a recurring task moves on without being completed.</summary>
public sealed class SkipTaskTests(UndeliveredApp app) : NextOccurrenceTest(app)
{
    [Theory]
    [InlineData("daily", "due", "2099-01-01", "2099-01-02")]
    [InlineData("FREQ=WEEKLY;BYDAY=MO,TH", "due", "2099-03-02", "2099-03-05")]
    [InlineData("monthly", "due", "2099-01-31", "2099-02-28")]
    [InlineData("FREQ=DAILY;INTERVAL=3", "completion", "2099-01-01", "2099-01-04")] // as if it were completed when due
    [InlineData("FREQ=DAILY\nEXDATE;VALUE=DATE:20990102", "due", "2099-01-01", "2099-01-03")]
    [InlineData("FREQ=HOURLY;INTERVAL=2", "completion", "2099-01-01T09:00:00Z", "2099-01-01T11:00:00+00:00")]
    public async Task It_is_due_where_the_next_occurrence_would_be(string recurrence, string basis, string due, string next)
    {
        using var alice = await App.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "a", recurrence, recurrence_basis = basis, due_date = due })).Is(201);

        var skipped = (await alice.Post($"/api/tasks/{task.Id}/skip")).Is(200);

        Assert.Equal((next, "pending", "\"2\""), (skipped.Text("due_date"), skipped.Text("status"), skipped.Header("ETag")));
        Assert.Equal(skipped.Body, (await alice.Get($"/api/tasks/{task.Id}")).Body);
        Assert.Equal(["task.created.v1", "task.updated.v1"], await TypesOf(task.Id));
    }

    [Fact]
    public async Task Its_number_stays_and_completing_it_makes_the_one_after_it()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "FREQ=DAILY;COUNT=4", "2099-01-01");
        Assert.Equal(1, (await alice.Post($"/api/tasks/{first}/skip")).Is(200)["occurrence"]!.GetValue<int>());
        await Complete(alice, first);
        await App.Deliver<NextOccurrence>();

        var second = await Head(alice);
        Assert.Equal((App.OccurrenceId(first, 2), 2, "2099-01-03"), (Id(second), second["occurrence"]!.GetValue<int>(), second["due_date"]!.GetValue<string>()));

        (await alice.Post($"/api/tasks/{Id(second)}/skip")).Is(200); // the 4th, and last
        (await alice.Post($"/api/tasks/{Id(second)}/skip")).IsProblem(409, "series_ended");
        Assert.Equal("2099-01-04", (await Head(alice))["due_date"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_is_excluded_stays_so_over_the_next_occurrences()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "DTSTART;VALUE=DATE:20990101\nRRULE:FREQ=DAILY;\nEXDATE;VALUE=DATE:20990102,20990104", "2099-01-01");
        var seen = new List<string>();
        for (var id = first; seen.Count < 3; id = Id(await Head(alice)))
        {
            await Complete(alice, id);
            await App.Deliver<NextOccurrence>();
            var head = await Head(alice);
            seen.Add(head["due_date"]!.GetValue<string>());
            Assert.Equal("RRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20990102,20990104", head["recurrence"]!.GetValue<string>());
        }

        Assert.Equal(["2099-01-03", "2099-01-05", "2099-01-06"], seen);
    }

    [Fact]
    public async Task Another_date_can_be_excluded_without_changing_the_rhythm()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "FREQ=WEEKLY", "2099-03-02");
        (await alice.Put($"/api/tasks/{first}", new { due_date = "2099-03-04" })).Is(200);
        (await alice.Put($"/api/tasks/{first}", new { recurrence = "FREQ=WEEKLY\nEXDATE;VALUE=DATE:20990309" })).Is(200);

        Assert.Equal("2099-03-16", (await alice.Post($"/api/tasks/{first}/skip")).Is(200).Text("due_date"));
    }

    [Fact]
    public async Task What_is_overdue_is_passed_over()
    {
        using var alice = await App.SignUp();
        var id = await Recurring(alice, "daily", "2020-01-01");
        var due = DateOnly.Parse((await alice.Post($"/api/tasks/{id}/skip")).Is(200).Text("due_date")!);
        Assert.InRange(due, DateOnly.FromDateTime(DateTime.UtcNow), DateOnly.FromDateTime(DateTime.UtcNow.AddDays(2)));
    }

    [Fact]
    public async Task Without_a_next_occurrence_it_is_refused_and_nothing_changes()
    {
        using var alice = await App.SignUp();
        var once = (await alice.Post("/api/tasks", new { title = "a", due_date = "2099-01-01" })).Is(201).Id;
        (await alice.Post($"/api/tasks/{once}/skip")).IsProblem(409, "task_not_recurring");

        var done = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, done);
        (await alice.Post($"/api/tasks/{done}/skip")).IsProblem(409, "task_completed");

        var last = await Recurring(alice, "FREQ=DAILY;UNTIL=20990101", "2099-01-01");
        (await alice.Post($"/api/tasks/{last}/skip")).IsProblem(409, "series_ended");
        Assert.Equal("\"1\"", (await alice.Get($"/api/tasks/{last}")).Header("ETag"));
    }

    [Fact]
    public async Task Its_version_and_its_key_are_kept_to_as_for_completing()
    {
        using var alice = await App.SignUp();
        var id = await Recurring(alice, "daily", "2099-01-01");
        (await alice.Post($"/api/tasks/{id}/skip", null, ("If-Match", "\"7\""))).IsProblem(412, "version_mismatch");

        var once = (await alice.Post($"/api/tasks/{id}/skip", null, ("If-Match", "\"1\""), ("Idempotency-Key", "k"))).Is(200);
        var again = (await alice.Post($"/api/tasks/{id}/skip", null, ("If-Match", "\"1\""), ("Idempotency-Key", "k"))).Is(200);

        Assert.Equal((once.Body, "true"), (again.Body, again.Header("Idempotency-Replayed")));
        Assert.Equal("2099-01-02", (await Head(alice))["due_date"]!.GetValue<string>());
    }

    [Fact]
    public async Task Reminders_before_the_due_date_go_with_it()
    {
        using var alice = await App.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a", recurrence = "daily", due_date = "2099-01-01T09:00:00Z", reminder_offset = "1 hour" })).Is(201).Id;
        (await alice.Post("/api/reminders", new { task_id = id, reminder_offset = "PT30M" })).Is(201);

        (await alice.Post($"/api/tasks/{id}/skip")).Is(200);

        Assert.Equal(
            ["2099-01-02T08:00:00.000000Z pending", "2099-01-02T08:30:00.000000Z pending"],
            (await alice.Get($"/api/reminders?task_id={id}")).Is(200).Json.AsArray().Select(reminder => $"{reminder!["remind_at"]} {reminder["status"]}"));
    }

    [Fact]
    public async Task A_skipped_next_occurrence_was_worked_on_and_stays_when_the_one_before_is_reopened()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        await App.Deliver<NextOccurrence>();
        var next = Id(await Head(alice));
        (await alice.Post($"/api/tasks/{next}/skip")).Is(200);

        Assert.Equal("none", (await alice.Post($"/api/tasks/{first}/reopen")).Is(200).Text("recurrence"));
        Assert.Equal(next, Id(await Head(alice)));
    }
}
