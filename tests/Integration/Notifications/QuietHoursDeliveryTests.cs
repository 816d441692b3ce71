using TodoFlow.Notifications;
using TodoFlow.Reminders;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

public sealed class QuietHoursDeliveryTests : IAsyncLifetime
{
    private static readonly Action<NotificationPreference> AtNight = preference =>
        (preference.QuietFrom, preference.QuietTo, preference.TimeZone) = (new TimeOnly(22, 0), new TimeOnly(7, 0), "Europe/Berlin");

    // 23:00 in Berlin, in the night in which the clocks go forward: quiet for seven hours, until 05:00 UTC.
    private readonly FakeClock clock = new(new DateTimeOffset(2026, 3, 28, 22, 0, 0, TimeSpan.Zero));
    private readonly ScriptedChannel email = new();
    private TestDatabase database = null!;
    private NotificationServices process = null!;

    public async Task InitializeAsync()
    {
        database = await TestPostgres.CreateDatabase();
        process = await NotificationServices.Start(database, clock, [email]);
    }

    public async Task DisposeAsync()
    {
        await process.DisposeAsync();
        await EventContract.HoldsFor(database);
        await database.DisposeAsync();
    }

    [Fact]
    public async Task What_is_due_at_night_is_listed_at_once_and_rings_when_the_night_is_over()
    {
        var reminder = await process.Fire(await process.AddUser(AtNight));
        await process.Notify();
        await process.Deliver();

        Assert.Empty(email.Messages);
        Assert.Equal(0, await Pushed());
        Assert.Equal(ReminderStatus.Sent, (await process.Stored(reminder)).Status); // in the list
        clock.Advance(TimeSpan.FromHours(7) - TimeSpan.FromSeconds(1));
        await process.Deliver();
        Assert.Empty(email.Messages);

        clock.Advance(TimeSpan.FromSeconds(1));
        await process.Deliver();
        Assert.True(email.Messages.TryDequeue(out var message));
        Assert.Equal(("Buy milk", 1), (message.Title, message.Count)); // one alone is sent as itself
        Assert.Equal(1, await Pushed());
        Assert.Equal(
            ["deferred email", "deferred realtime", "attempt in_app 1 sent", "sent in_app", "attempt email 1 sent", "attempt realtime 1 sent"],
            (await process.Trace(reminder))[4..]);
    }

    [Fact]
    public async Task What_a_night_deferred_becomes_one_message_per_channel()
    {
        var user = await process.AddUser(preference =>
        {
            AtNight(preference);
            preference.Channels = [Channels.Email, Channels.Realtime];
        });
        var other = await process.AddUser(AtNight);
        var reminders = new List<Reminder>();
        for (var i = 1; i <= 12; i++)
        {
            reminders.Add(await process.Fire(user, $"Task {i}"));
            await process.Notify();
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        await process.Fire(other, "Of another");
        await process.Notify();
        await process.Deliver();
        clock.Advance(TimeSpan.FromHours(7));
        await process.Deliver();

        Assert.Equal(2, email.Messages.Count);
        var summary = email.Messages.Single(message => message.UserId == user);
        Assert.Equal(("12 reminders", 12, reminders[0].Id), (summary.Title, summary.Count, summary.ReminderId));
        var lines = summary.Body.Split('\n');
        Assert.Equal(11, lines.Length);
        Assert.StartsWith("Task 1 - ", lines[0]);
        Assert.Equal("and 2 more", lines[10]);
        Assert.Equal(2, await Pushed());
        Assert.Equal(12, await database.Scalar<long>($"select count(*) from reminder where user_id = '{user}' and status = 1"));
        Assert.All(reminders, reminder => Assert.Equal(["reminder.due.v1", "reminder.sent.v1"], process.Events(reminder).Result.Select(one => one.Split(' ')[0])));
        var last = await process.Trace(reminders[11]);
        Assert.Contains("collapsed email", last);
        Assert.Contains("attempt email 1 sent", last);
    }

    [Fact]
    public async Task When_the_message_that_speaks_for_others_fails_they_all_have()
    {
        var user = await process.AddUser(preference =>
        {
            AtNight(preference);
            preference.Channels = [Channels.Email];
        });
        var (first, second) = (await process.Fire(user), await process.Fire(user));
        await process.Notify();
        email.Answer(DeliveryOutcome.Retry("smtp_421"), DeliveryOutcome.Failed("smtp_550"));
        clock.Advance(TimeSpan.FromHours(7));
        await process.Deliver();
        Assert.Equal(ReminderStatus.Pending, (await process.Stored(second)).Status);
        clock.Advance(TimeSpan.FromSeconds(1));
        await process.Deliver();

        Assert.All(email.Messages, message => Assert.Equal(2, message.Count));
        foreach (var reminder in new[] { first, second })
        {
            var stored = await process.Stored(reminder);
            Assert.Equal((ReminderStatus.Failed, "smtp_550", 1), (stored.Status, stored.Reason, stored.RetryCount));
            Assert.Equal("failed smtp_550", (await process.Trace(reminder))[^1]);
        }
    }

    [Fact]
    public async Task A_retry_that_falls_into_the_night_waits_for_its_end_too()
    {
        var quiet = await process.AddUser(preference =>
        {
            AtNight(preference);
            preference.QuietFrom = new TimeOnly(23, 0, 30);
            preference.Channels = [Channels.Email];
        });
        var reminder = await process.Fire(quiet);
        email.Answer(DeliveryOutcome.Retry("smtp_421", TimeSpan.FromMinutes(1)));
        await process.Notify();
        await process.Deliver();
        clock.Advance(TimeSpan.FromMinutes(1));
        await process.Deliver();
        Assert.Single(email.Messages);

        clock.Advance(TimeSpan.FromHours(7));
        await process.Deliver();

        Assert.Equal(["attempt email 1 retry smtp_421", "deferred email", "attempt email 2 sent", "sent email"], (await process.Trace(reminder))[4..]);
    }

    [Fact]
    public async Task Changing_the_quiet_hours_changes_what_they_deferred()
    {
        var user = await process.AddUser(AtNight);
        await process.Fire(user);
        await process.Notify();
        await process.Prefer(user, preference => preference.QuietTo = new TimeOnly(1, 0)); // 00:00 UTC
        clock.Advance(TimeSpan.FromHours(2));
        await process.Deliver();
        Assert.Single(email.Messages);

        await process.Prefer(user, AtNight);
        await process.Fire(user);
        await process.Notify();
        await process.Deliver();
        Assert.Single(email.Messages);
        await process.Prefer(user, preference => (preference.QuietFrom, preference.QuietTo) = (null, null));
        await process.Deliver();
        Assert.Equal(2, email.Messages.Count);
    }

    [Fact]
    public async Task In_the_night_of_ten_hours_it_waits_for_ten()
    {
        var autumn = new FakeClock(new DateTimeOffset(2026, 10, 24, 20, 0, 0, TimeSpan.Zero)); // 22:00 in Berlin
        await using var later = await NotificationServices.Start(database, autumn, [email]);
        await later.Fire(await later.AddUser(AtNight));
        await later.Notify();

        autumn.Advance(TimeSpan.FromHours(10) - TimeSpan.FromSeconds(1));
        await later.Deliver();
        Assert.Empty(email.Messages);
        autumn.Advance(TimeSpan.FromSeconds(1));
        await later.Deliver();
        Assert.Single(email.Messages);
    }

    private Task<long> Pushed() => database.Scalar<long>("select count(*) from outbox where topic = 'task-updates'");
}
