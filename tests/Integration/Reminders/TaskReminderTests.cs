using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Reminders;

/// <summary>Reminders follow their tasks.</summary>
public sealed class TaskReminderTests(ReminderApp app) : IClassFixture<ReminderApp>
{
    private DateTimeOffset Now => app.Now.GetUtcNow();

    [Fact]
    public async Task Relative_reminders_move_with_the_due_date_and_absolute_ones_stay()
    {
        using var alice = await app.SignUp();
        var due = Now.AddDays(1);
        var task = await Create(alice, new { title = "a", due_date = due, reminder_offset = "1 hour" });
        var relative = await Remind(alice, new { task_id = task, reminder_offset = "PT2H" });
        var absolute = await Remind(alice, new { task_id = task, remind_at = due.AddMinutes(7) });

        (await alice.Put($"/api/tasks/{task}", new { due_date = due.AddDays(1) })).Is(200);

        var reminders = await Of(alice, task);
        Assert.Equal(due.AddDays(1).AddHours(-2), reminders[relative].At);
        Assert.Equal(due.AddMinutes(7), reminders[absolute].At);
        Assert.Contains(due.AddDays(1).AddHours(-1), reminders.Values.Select(reminder => reminder.At));
        Assert.Equal(["moved"], await app.StepsOf(relative));
        Assert.Empty(await app.StepsOf(absolute));

        await app.Advance(TimeSpan.FromDays(1) - TimeSpan.FromHours(1)); // where they were planned first
        Assert.Equal(["scheduled", "scheduled"], await app.EventsOf(relative));
        await app.Advance(TimeSpan.FromDays(1));
        Assert.Equal(["scheduled", "scheduled", "due"], await app.EventsOf(relative));
    }

    [Fact]
    public async Task A_change_that_no_reminder_depends_on_leaves_them_alone()
    {
        using var alice = await app.SignUp();
        var task = await Create(alice, new { title = "a", due_date = Now.AddDays(1), reminder_offset = "1 hour" });
        (await alice.Put($"/api/tasks/{task}", new { title = "b", tags = new[] { "x" }, time_zone = "Asia/Tokyo" })).Is(200);

        var reminder = Assert.Single(await Of(alice, task));
        Assert.Equal(["scheduled"], await app.EventsOf(reminder.Key));
        Assert.Empty(await app.StepsOf(reminder.Key));
    }

    [Fact]
    public async Task A_reminder_that_has_fired_rings_again_when_its_due_date_moves_to_where_it_is_still_to_come()
    {
        using var alice = await app.SignUp();
        var task = await Create(alice, new { title = "a", due_date = Now.AddHours(1), reminder_offset = "1 hour" });
        await app.Sweep();
        var reminder = Assert.Single(await Of(alice, task)).Key;
        Assert.Equal(["scheduled", "due"], await app.EventsOf(reminder));

        (await alice.Put($"/api/tasks/{task}", new { due_date = Now.AddMinutes(30) })).Is(200);
        Assert.Equal(["scheduled", "due"], await app.EventsOf(reminder)); // its instant is in the past: it has rung

        (await alice.Put($"/api/tasks/{task}", new { due_date = Now.AddDays(1) })).Is(200);
        Assert.Equal(["fired", "moved"], await app.StepsOf(reminder));
        await app.Advance(TimeSpan.FromHours(23));
        Assert.Equal(["scheduled", "due", "scheduled", "due"], await app.EventsOf(reminder));
    }

    [Fact]
    public async Task The_tasks_own_reminder_follows_its_offset()
    {
        using var alice = await app.SignUp();
        var due = Now.AddDays(2);
        var task = await Create(alice, new { title = "a", reminder_offset = "1 day" });
        Assert.Empty(await Of(alice, task));

        (await alice.Put($"/api/tasks/{task}", new { due_date = due })).Is(200);
        var reminder = Assert.Single(await Of(alice, task));
        Assert.Equal(due.AddDays(-1), reminder.Value.At);

        (await alice.Put($"/api/tasks/{task}", new { reminder_offset = "PT5M" })).Is(200);
        Assert.Equal(due.AddMinutes(-5), Assert.Single(await Of(alice, task)).Value.At);

        (await alice.Put($"/api/tasks/{task}", new { reminder_offset = (string?)null })).Is(200);
        Assert.Equal(("cancelled", "offset_cleared"), Assert.Single(await Of(alice, task)).Value.State);

        (await alice.Put($"/api/tasks/{task}", new { reminder_offset = "PT6M" })).Is(200);
        Assert.Equal((due.AddMinutes(-6), ("pending", null)), Assert.Single(await Of(alice, task)).Value);
        Assert.Equal(["scheduled", "scheduled", "cancelled", "scheduled"], await app.EventsOf(reminder.Key));
        Assert.Equal(["moved", "cancelled offset_cleared", "moved"], await app.StepsOf(reminder.Key));
    }

    [Fact]
    public async Task What_the_user_took_back_stays_away_until_the_offset_is_set_anew()
    {
        using var alice = await app.SignUp();
        var task = await Create(alice, new { title = "a", due_date = Now.AddDays(1), reminder_offset = "1 hour" });
        var reminder = Assert.Single(await Of(alice, task)).Key;
        (await alice.Delete($"/api/reminders/{reminder}")).Is(204);
        (await alice.Put($"/api/tasks/{task}", new { due_date = Now.AddDays(2) })).Is(200);
        (await alice.Post($"/api/tasks/{task}/complete")).Is(200);
        (await alice.Post($"/api/tasks/{task}/reopen")).Is(200);
        Assert.Equal(("cancelled", "by_user"), Assert.Single(await Of(alice, task)).Value.State);

        (await alice.Put($"/api/tasks/{task}", new { reminder_offset = "2 hours" })).Is(200);
        Assert.Equal((Now.AddDays(2).AddHours(-2), ("pending", null)), Assert.Single(await Of(alice, task)).Value);
    }

    [Fact]
    public async Task Completing_cancels_and_reopening_brings_back_what_is_still_to_come()
    {
        using var alice = await app.SignUp();
        var task = await Create(alice, new { title = "a", due_date = Now.AddHours(3), reminder_offset = "1 hour" });
        var soon = await Remind(alice, new { task_id = task, remind_at = Now.AddMinutes(10) });
        (await alice.Post($"/api/tasks/{task}/complete")).Is(200);
        Assert.All((await Of(alice, task)).Values, reminder => Assert.Equal(("cancelled", "task_completed"), reminder.State));
        Assert.Equal(["scheduled", "cancelled"], await app.EventsOf(soon));

        await app.Advance(TimeSpan.FromMinutes(20));
        (await alice.Post($"/api/tasks/{task}/reopen")).Is(200);

        var reminders = await Of(alice, task);
        Assert.Equal(("cancelled", "task_completed"), reminders[soon].State);
        var own = Assert.Single(reminders, reminder => reminder.Key != soon);
        Assert.Equal(("pending", null), own.Value.State);
        Assert.Equal(["cancelled task_completed", "moved"], await app.StepsOf(own.Key));
        await app.Advance(TimeSpan.FromHours(2));
        Assert.Equal(["scheduled", "cancelled", "scheduled", "due"], await app.EventsOf(own.Key));
    }

    [Fact]
    public async Task Moving_and_reopening_at_once_plans_for_the_new_due_date()
    {
        using var alice = await app.SignUp();
        var task = await Create(alice, new { title = "a", due_date = Now.AddHours(3), reminder_offset = "1 hour" });
        (await alice.Put($"/api/tasks/{task}", new { status = "completed", due_date = Now.AddHours(4) })).Is(200);
        Assert.Equal(("cancelled", "task_completed"), Assert.Single(await Of(alice, task)).Value.State);

        (await alice.Put($"/api/tasks/{task}", new { status = "pending", due_date = Now.AddHours(5) })).Is(200);
        Assert.Equal((Now.AddHours(4), ("pending", null)), Assert.Single(await Of(alice, task)).Value);
    }

    [Fact]
    public async Task Deleting_the_task_cancels_its_reminders()
    {
        using var alice = await app.SignUp();
        var task = await Create(alice, new { title = "a", due_date = Now.AddHours(3), reminder_offset = "1 hour" });
        var absolute = await Remind(alice, new { task_id = task, remind_at = Now.AddMinutes(10) });
        (await alice.Delete($"/api/tasks/{task}")).Is(204);

        Assert.All((await Of(alice, task)).Values, reminder => Assert.Equal(("cancelled", "task_deleted"), reminder.State));
        await app.Advance(TimeSpan.FromHours(3));
        Assert.Equal(["scheduled", "cancelled"], await app.EventsOf(absolute));
    }

    [Fact]
    public async Task Clearing_the_due_date_cancels_relative_reminders_and_another_one_brings_them_back()
    {
        using var alice = await app.SignUp();
        var task = await Create(alice, new { title = "a", due_date = Now.AddHours(3), reminder_offset = "1 hour" });
        var relative = await Remind(alice, new { task_id = task, reminder_offset = "2 hours" });
        var absolute = await Remind(alice, new { task_id = task, remind_at = Now.AddHours(1) });
        (await alice.Put($"/api/tasks/{task}", new { due_date = (string?)null })).Is(200);

        var reminders = await Of(alice, task);
        Assert.Equal(("pending", null), reminders[absolute].State);
        Assert.All(reminders.Where(reminder => reminder.Key != absolute), reminder => Assert.Equal(("cancelled", "due_date_cleared"), reminder.Value.State));

        (await alice.Put($"/api/tasks/{task}", new { due_date = Now.AddHours(9) })).Is(200);
        Assert.Equal((Now.AddHours(7), ("pending", null)), (await Of(alice, task))[relative]);
        Assert.All((await Of(alice, task)).Values, reminder => Assert.Equal("pending", reminder.State.Status));
    }

    [Fact]
    public async Task A_snooze_holds_until_the_due_date_moves()
    {
        using var alice = await app.SignUp();
        var task = await Create(alice, new { title = "a", due_date = Now.AddHours(3), reminder_offset = "1 hour" });
        var reminder = Assert.Single(await Of(alice, task)).Key;
        (await alice.Post($"/api/reminders/{reminder}/snooze", new { until = Now.AddHours(2.5) })).Is(200);
        (await alice.Post($"/api/tasks/{task}/complete")).Is(200);
        (await alice.Post($"/api/tasks/{task}/reopen")).Is(200);
        Assert.Equal("pending", Assert.Single(await Of(alice, task)).Value.State.Status);

        (await alice.Put($"/api/tasks/{task}", new { due_date = Now.AddHours(5) })).Is(200);
        Assert.Equal(Now.AddHours(4), Assert.Single(await Of(alice, task)).Value.At);
    }

    [Fact]
    public async Task The_next_occurrence_takes_the_relative_reminders_along()
    {
        using var alice = await app.SignUp();
        var due = Now.AddHours(5);
        var first = await Create(alice, new { title = "a", due_date = due, recurrence = "daily", reminder_offset = "1 hour" });
        await Remind(alice, new { task_id = first, reminder_offset = "2 hours" });
        await Remind(alice, new { task_id = first, reminder_offset = "PT120M" }); // the same again
        await Remind(alice, new { task_id = first, remind_at = Now.AddHours(1) });
        var unwanted = await Remind(alice, new { task_id = first, reminder_offset = "3 hours" });
        (await alice.Delete($"/api/reminders/{unwanted}")).Is(204);
        await app.Advance(TimeSpan.FromHours(3.5)); // one has fired by then
        (await alice.Post($"/api/tasks/{first}/complete")).Is(200);
        await app.Deliver<NextOccurrence>();

        var next = app.OccurrenceId(first, 2);
        var carried = await Of(alice, next);
        Assert.Equal([due.AddDays(1).AddHours(-2), due.AddDays(1).AddHours(-1)], carried.Values.Select(reminder => reminder.At).Order());
        Assert.All(carried.Values, reminder => Assert.Equal("pending", reminder.State.Status));

        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200); // takes the next one back
        Assert.All((await Of(alice, next)).Values, reminder => Assert.Equal(("cancelled", "task_deleted"), reminder.State));
        Assert.Contains((await Of(alice, first)).Values, reminder => reminder == (due.AddHours(-1), ("pending", null)));
    }

    [Fact]
    public async Task A_reminder_that_is_added_while_the_task_is_completed_is_cancelled_or_refused()
    {
        using var alice = await app.SignUp();
        for (var i = 0; i < 20; i++)
        {
            var task = await Create(alice, new { title = "a" });
            var adding = alice.Post("/api/reminders", new { task_id = task, remind_at = Now.AddDays(1) });
            var completing = alice.Post($"/api/tasks/{task}/complete");
            (await completing).Is(200);
            Assert.Contains((await adding).Status, new[] { 201, 409 });
            Assert.All((await Of(alice, task)).Values, reminder => Assert.Equal(("cancelled", "task_completed"), reminder.State));
        }
    }

    private static async Task<Guid> Create(ApiClient client, object task) => (await client.Post("/api/tasks", task)).Is(201).Id;

    private static async Task<Guid> Remind(ApiClient client, object reminder) => (await client.Post("/api/reminders", reminder)).Is(201).Id;

    private static async Task<Dictionary<Guid, (DateTimeOffset At, (string? Status, string? Reason) State)>> Of(ApiClient client, Guid task) =>
        (await ReminderApp.RemindersOf(client, task)).ToDictionary(reminder => reminder.Id(), reminder => (reminder.At(), reminder.State()));
}
