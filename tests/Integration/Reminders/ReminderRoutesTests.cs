using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Reminders;

public sealed class ReminderRoutesTests(ReminderApp app) : IClassFixture<ReminderApp>
{
    private DateTimeOffset Now => app.Now.GetUtcNow();

    [Fact]
    public async Task A_reminder_is_answered_with_all_of_its_fields()
    {
        using var alice = await app.SignUp();
        var task = await Task(alice, Now.AddDays(1));
        var reminder = (await alice.Post("/api/reminders", new { task_id = task, reminder_offset = "P1D" })).Is(201);

        Assert.Equal(
            ["id", "task_id", "remind_at", "reminder_offset", "status", "retry_count", "late", "fired_at", "sent_at", "reason", "created_at", "updated_at"],
            reminder.Json.AsObject().Select(field => field.Key));
        Assert.Equal((task, "P1D", "pending"), (Guid.Parse(reminder.Text("task_id")), reminder.Text("reminder_offset"), reminder.Text("status")));
    }

    [Theory]
    [InlineData("{}", "task_id")]
    [InlineData("""{"task_id": "T"}""", "reminder_offset", "remind_at")]
    [InlineData("""{"task_id": "T", "reminder_offset": "1 hour", "remind_at": "2026-02-01T00:00:00Z"}""", "reminder_offset", "remind_at")]
    [InlineData("""{"task_id": "T", "reminder_offset": null, "remind_at": null}""", "reminder_offset", "remind_at")]
    [InlineData("""{"task_id": "T", "reminder_offset": "-1 hour"}""", "reminder_offset")]
    [InlineData("""{"task_id": "T", "reminder_offset": "366 days"}""", "reminder_offset")]
    [InlineData("""{"task_id": "T", "reminder_offset": "P1M"}""", "reminder_offset")]
    [InlineData("""{"task_id": "T", "reminder_offset": "1 hour"}""", "reminder_offset")] // the task has no due date
    [InlineData("""{"task_id": "T", "remind_at": "2026-02-01"}""", "remind_at")]
    [InlineData("""{"task_id": "nonsense", "remind_at": 7}""", "task_id", "remind_at")]
    public async Task A_bad_reminder_is_refused_by_the_name_of_its_fields(string body, params string[] fields)
    {
        using var alice = await app.SignUp();
        var task = await Task(alice);

        var answer = (await alice.Post("/api/reminders", body.Replace("\"T\"", $"\"{task}\""))).IsProblem(400, "invalid_request");

        Assert.Equal(fields, answer.BadFields);
        Assert.Empty(await ReminderApp.RemindersOf(alice, task));
    }

    [Theory]
    [InlineData("{}", "minutes", "until")]
    [InlineData("""{"minutes": 1, "until": "2099-01-01T00:00:00Z"}""", "minutes", "until")]
    [InlineData("""{"minutes": 0}""", "minutes")]
    [InlineData("""{"minutes": 525601}""", "minutes")]
    [InlineData("""{"minutes": 1.5}""", "minutes")]
    [InlineData("""{"until": "2025-12-31T23:59:59Z"}""", "until")]
    [InlineData("""{"until": "2099-01-01T00:00:00Z"}""", "until")] // more than a year
    [InlineData("""{"until": "tomorrow"}""", "until")]
    public async Task A_bad_snooze_is_refused_by_the_name_of_its_fields(string body, params string[] fields)
    {
        using var alice = await app.SignUp();
        var reminder = await Remind(alice, await Task(alice), Now.AddHours(1));

        Assert.Equal(fields, (await alice.Post($"/api/reminders/{reminder}/snooze", body)).IsProblem(400, "invalid_request").BadFields);
    }

    [Fact]
    public async Task An_offset_of_nothing_and_one_of_a_year_are_fine()
    {
        using var alice = await app.SignUp();
        var task = await Task(alice, Now.AddDays(400));

        Assert.Equal(Now.AddDays(400), (await alice.Post("/api/reminders", new { task_id = task, reminder_offset = "0 minutes" })).Is(201).Json.AsObject().At());
        Assert.Equal(Now.AddDays(35), (await alice.Post("/api/reminders", new { task_id = task, reminder_offset = "365 days" })).Is(201).Json.AsObject().At());
    }

    [Fact]
    public async Task The_first_and_the_last_dates_of_the_calendar_can_be_counted_from()
    {
        using var alice = await app.SignUp();
        foreach (var due in new[] { "0001-01-02T00:00:00Z", "0001-01-02", "9999-12-30T00:00:00Z", "9999-12-30" })
        {
            (await alice.Post("/api/tasks", new { title = "a", due_date = due, reminder_offset = "365 days", time_zone = "Pacific/Kiritimati" })).Is(201);
        }
    }

    [Fact]
    public async Task Twenty_reminders_may_wait_for_a_task_and_no_more()
    {
        using var alice = await app.SignUp();
        var task = await Task(alice);
        for (var i = 0; i < 20; i++)
        {
            await Remind(alice, task, Now.AddHours(1 + i));
        }

        (await alice.Post("/api/reminders", new { task_id = task, remind_at = Now.AddDays(9) })).IsProblem(409, "too_many_reminders");
        await Remind(alice, await Task(alice), Now.AddDays(9));
        await app.Advance(TimeSpan.FromHours(1)); // one has fired
        await Remind(alice, task, Now.AddDays(9));
        (await alice.Post("/api/reminders", new { task_id = task, remind_at = Now.AddDays(9) })).IsProblem(409, "too_many_reminders");
    }

    [Fact]
    public async Task A_completed_task_takes_no_reminder_and_no_snooze()
    {
        using var alice = await app.SignUp();
        var task = await Task(alice);
        var fired = await Remind(alice, task, Now);
        await app.Sweep();
        (await alice.Post($"/api/tasks/{task}/complete")).Is(200);

        (await alice.Post("/api/reminders", new { task_id = task, remind_at = Now.AddHours(1) })).IsProblem(409, "task_completed");
        (await alice.Post($"/api/reminders/{fired}/snooze", new { minutes = 5 })).IsProblem(409, "task_completed");
    }

    [Fact]
    public async Task A_snooze_puts_off_what_waits_and_lets_ring_again_what_has_rung()
    {
        using var alice = await app.SignUp();
        var reminder = await Remind(alice, await Task(alice), Now.AddHours(1));
        var snoozed = (await alice.Post($"/api/reminders/{reminder}/snooze", new { minutes = 90 })).Is(200);
        Assert.Equal(Now.AddMinutes(90), snoozed.Json.AsObject().At());
        await app.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["scheduled", "scheduled"], await app.EventsOf(reminder));
        await app.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(["scheduled", "scheduled", "due"], await app.EventsOf(reminder));

        var again = (await alice.Post($"/api/reminders/{reminder}/snooze", new { until = Now.AddMinutes(10) })).Is(200);
        Assert.Equal(("pending", null), (again.Text("status"), again["fired_at"]));
        await app.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(["scheduled", "scheduled", "due", "scheduled", "due"], await app.EventsOf(reminder));
        Assert.Equal(["snoozed", "fired", "snoozed"], await app.StepsOf(reminder));
    }

    [Fact]
    public async Task A_cancelled_reminder_stays_listed_and_cannot_be_snoozed()
    {
        using var alice = await app.SignUp();
        var task = await Task(alice);
        var reminder = await Remind(alice, task, Now.AddHours(1));
        (await alice.Delete($"/api/reminders/{reminder}")).Is(204);
        (await alice.Delete($"/api/reminders/{reminder}")).Is(204);

        Assert.Equal(("cancelled", "by_user"), Assert.Single(await ReminderApp.RemindersOf(alice, task)).State());
        (await alice.Post($"/api/reminders/{reminder}/snooze", new { minutes = 5 })).IsProblem(409, "reminder_cancelled");
        await app.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["scheduled", "cancelled"], await app.EventsOf(reminder));
    }

    [Fact]
    public async Task Nobody_sees_changes_or_makes_reminders_of_another_user()
    {
        using var alice = await app.SignUp();
        using var mallory = await app.SignUp();
        var task = await Task(alice, Now.AddDays(1));
        var reminder = await Remind(alice, task, Now.AddHours(1));

        Assert.Empty((await mallory.Get("/api/reminders")).Is(200).Json.AsArray());
        Assert.Empty(await ReminderApp.RemindersOf(mallory, task));
        (await mallory.Post("/api/reminders", new { task_id = task, remind_at = Now.AddHours(1) })).IsProblem(404, "task_not_found");
        (await mallory.Post($"/api/reminders/{reminder}/snooze", new { minutes = 5 })).IsProblem(404, "reminder_not_found");
        (await mallory.Delete($"/api/reminders/{reminder}")).IsProblem(404, "reminder_not_found");

        Assert.Equal(("pending", null), Assert.Single(await ReminderApp.RemindersOf(alice, task)).State());
        Assert.Equal(["scheduled"], await app.EventsOf(reminder));
    }

    [Fact]
    public async Task The_list_is_filtered_sorted_and_in_pages()
    {
        using var alice = await app.SignUp();
        var (one, other) = (await Task(alice), await Task(alice));
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await Remind(alice, i == 2 ? other : one, Now.AddHours(5 - i)));
        }

        (await alice.Delete($"/api/reminders/{ids[0]}")).Is(204);
        Assert.Equal([ids[4], ids[3], ids[2], ids[1], ids[0]], await Ids(alice, "/api/reminders"));
        Assert.Equal(ids, await Ids(alice, "/api/reminders?order=desc"));
        Assert.Equal([ids[2]], await Ids(alice, $"/api/reminders?task_id={other}"));
        Assert.Equal([ids[0]], await Ids(alice, "/api/reminders?status=cancelled"));
        Assert.Equal([ids[4], ids[3], ids[1]], await Ids(alice, $"/api/reminders?status=pending&task_id={one}"));

        var first = (await alice.Get("/api/reminders?limit=3&status=pending")).Is(200);
        Assert.Equal("</api/reminders?limit=3&status=pending&offset=3>; rel=\"next\"", first.Header("Link"));
        var last = (await alice.Get("/api/reminders?limit=3&status=pending&offset=3")).Is(200);
        Assert.Null(last.Header("Link"));
        Assert.Equal(ids[1], Assert.Single(last.Json.AsArray())!["id"]!.GetValue<Guid>());
        Assert.Equal(["status", "limit"], (await alice.Get("/api/reminders?status=late&limit=201")).IsProblem(400, "invalid_request").BadFields.Order().Reverse());
    }

    [Fact]
    public async Task A_repeated_create_makes_one()
    {
        using var alice = await app.SignUp();
        var task = await Task(alice);
        var body = new { task_id = task, remind_at = Now.AddHours(1) };
        var first = (await alice.Post("/api/reminders", body, ("Idempotency-Key", "k"))).Is(201);
        var again = (await alice.Post("/api/reminders", body, ("Idempotency-Key", "k"))).Is(201);

        Assert.Equal(first.Id, again.Id);
        Assert.Single(await ReminderApp.RemindersOf(alice, task));
    }

    private static async Task<List<Guid>> Ids(ApiClient client, string path) =>
        [.. (await client.Get(path)).Is(200).Json.AsArray().Select(reminder => reminder!["id"]!.GetValue<Guid>())];

    private static async Task<Guid> Task(ApiClient client, DateTimeOffset? due = null) =>
        (await client.Post("/api/tasks", new { title = "a", due_date = due })).Is(201).Id;

    private static async Task<Guid> Remind(ApiClient client, Guid task, DateTimeOffset at) =>
        (await client.Post("/api/reminders", new { task_id = task, remind_at = at })).Is(201).Id;
}
