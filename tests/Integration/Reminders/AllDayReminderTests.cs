using System.Globalization;
using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Notifications;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Reminders;

/// <summary>Reminders of all-day tasks, and what users prefer of reminders.</summary>
public sealed class AllDayReminderTests(ReminderApp app) : IClassFixture<ReminderApp>
{
    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29T07:00:00Z")] // the day of the change to summer time
    [InlineData("America/New_York", "2026-03-29T13:00:00Z")]
    [InlineData("Asia/Kathmandu", "2026-03-29T03:15:00Z")]
    [InlineData("Pacific/Kiritimati", "2026-03-28T19:00:00Z")]
    public async Task It_fires_at_nine_in_the_tasks_zone(string zone, string expected)
    {
        using var alice = await app.SignUp();
        var instant = DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture);
        var task = (await alice.Post("/api/tasks", new { title = "a", due_date = "2026-03-29", time_zone = zone, reminder_offset = "0 minutes" })).Is(201).Id;
        Assert.Equal(instant, Assert.Single(await ReminderApp.RemindersOf(alice, task)).At());
    }

    [Fact]
    public async Task It_moves_with_the_zone_and_with_becoming_timed()
    {
        using var alice = await app.SignUp("Europe/Berlin");
        var task = (await alice.Post("/api/tasks", new { title = "a", due_date = "2027-06-01", reminder_offset = "1 hour" })).Is(201).Id;
        Assert.Equal("2027-06-01T06:00:00Z", await At(alice, task));

        (await alice.Put($"/api/tasks/{task}", new { time_zone = "America/New_York" })).Is(200);
        Assert.Equal("2027-06-01T12:00:00Z", await At(alice, task));

        (await alice.Put($"/api/tasks/{task}", new { due_date = "2027-06-01T20:00:00Z" })).Is(200);
        Assert.Equal("2027-06-01T19:00:00Z", await At(alice, task));
    }

    [Fact]
    public async Task The_time_that_the_user_prefers_counts_and_changing_it_moves_what_waits()
    {
        using var alice = await app.SignUp("Europe/Berlin");
        var allDay = (await alice.Post("/api/tasks", new { title = "a", due_date = "2026-06-01", reminder_offset = "1 day" })).Is(201).Id;
        var timed = (await alice.Post("/api/tasks", new { title = "a", due_date = "2026-06-01T07:00:00Z", reminder_offset = "1 day" })).Is(201).Id;
        var snoozed = (await alice.Post("/api/tasks", new { title = "a", due_date = "2026-06-01", reminder_offset = "1 day" })).Is(201).Id;
        var (put, until) = (Assert.Single(await ReminderApp.RemindersOf(alice, snoozed)).Id(), app.Now.GetUtcNow().AddDays(30));
        (await alice.Post($"/api/reminders/{put}/snooze", new { until })).Is(200);

        await Prefer(alice, preference => preference.AllDayReminderTime = new TimeOnly(7, 30));

        Assert.Equal("2026-05-31T05:30:00Z", await At(alice, allDay));
        Assert.Equal("2026-05-31T07:00:00Z", await At(alice, timed));
        Assert.Equal(until, Assert.Single(await ReminderApp.RemindersOf(alice, snoozed)).At());
        var later = (await alice.Post("/api/tasks", new { title = "a", due_date = "2026-06-02", reminder_offset = "0 minutes" })).Is(201).Id;
        Assert.Equal("2026-06-02T05:30:00Z", await At(alice, later));

        app.Now.SetUtcNow(new DateTimeOffset(2026, 6, 2, 5, 30, 0, TimeSpan.Zero));
        await app.Sweep();
        Assert.Equal(["scheduled", "due"], await app.EventsOf(Assert.Single(await ReminderApp.RemindersOf(alice, later)).Id()));
    }

    [Fact]
    public async Task Tasks_with_a_due_date_get_the_offset_that_the_user_prefers_unless_they_say_otherwise()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();
        await Prefer(alice, preference => preference.DefaultReminderOffset = "PT20M");

        Assert.Equal("PT20M", (await alice.Post("/api/tasks", new { title = "a", due_date = "2027-06-01T12:00:00Z" })).Is(201).Text("reminder_offset"));
        Assert.Equal("1 day", (await alice.Post("/api/tasks", new { title = "a", due_date = "2027-06-01T12:00:00Z", reminder_offset = "1 day" })).Is(201).Text("reminder_offset"));
        Assert.Null((await alice.Post("/api/tasks", """{"title": "a", "due_date": "2027-06-01T12:00:00Z", "reminder_offset": null}""")).Is(201)["reminder_offset"]);
        Assert.Null((await alice.Post("/api/tasks", new { title = "a" })).Is(201)["reminder_offset"]);
        Assert.Null((await bob.Post("/api/tasks", new { title = "a", due_date = "2027-06-01T12:00:00Z" })).Is(201)["reminder_offset"]);
    }

    [Fact]
    public async Task What_has_ended_goes_after_its_time_but_for_what_may_come_back()
    {
        using var alice = await app.SignUp();
        var now = app.Now.GetUtcNow();
        var open = (await alice.Post("/api/tasks", new { title = "a", due_date = now.AddHours(2), reminder_offset = "1 hour" })).Is(201).Id;
        var done = (await alice.Post("/api/tasks", new { title = "a", due_date = now.AddHours(2), reminder_offset = "1 hour" })).Is(201).Id;
        var absolute = (await alice.Post("/api/reminders", new { task_id = open, remind_at = now.AddHours(1) })).Is(201).Id;
        (await alice.Post("/api/reminders", new { task_id = open, remind_at = now.AddDays(90) })).Is(201);
        await app.Advance(TimeSpan.FromHours(1));
        (await alice.Post($"/api/tasks/{done}/complete")).Is(200);

        var history = app.Host.Services.GetRequiredService<History>();
        app.Now.SetUtcNow(now.AddDays(30));
        await history.PruneReminders(CancellationToken.None);
        Assert.Equal(3, (await ReminderApp.RemindersOf(alice, open)).Count);

        app.Now.SetUtcNow(now.AddDays(31));
        await history.PruneReminders(CancellationToken.None);
        Assert.Equal(2, (await ReminderApp.RemindersOf(alice, open)).Count);
        Assert.DoesNotContain(await ReminderApp.RemindersOf(alice, open), reminder => reminder.Id() == absolute);
        Assert.Empty(await ReminderApp.RemindersOf(alice, done));
    }

    private static async Task<string> At(ApiClient client, Guid task) =>
        Assert.Single(await ReminderApp.RemindersOf(client, task)).At().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private async Task Prefer(ApiClient client, Action<NotificationPreference> change)
    {
        var user = (await client.Get("/api/me")).Is(200).Id;
        await using var scope = app.Host.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Caller>().SignIn(user, "UTC");
        await scope.ServiceProvider.GetRequiredService<PreferenceStore>().Change(change, CancellationToken.None);
    }
}
