using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

// 23:00 in Berlin, in the night in which the clocks go forward: quiet for seven hours, until 05:00 UTC.
public sealed class QuietHoursDeliveryTests() : NotificationTest(new FakeClock(new DateTimeOffset(2026, 3, 28, 22, 0, 0, TimeSpan.Zero)))
{
    private static readonly Action<NotificationPreference> AtNight = preference =>
        (preference.QuietFrom, preference.QuietTo, preference.TimeZone) = (new TimeOnly(22, 0), new TimeOnly(7, 0), "Europe/Berlin");

    [Fact]
    public async Task What_is_due_at_night_is_listed_at_once_and_rings_when_the_night_is_over()
    {
        var reminder = await Process.Fire(await Process.AddUser(AtNight));
        await Process.Notify();
        await Process.Deliver();

        Assert.Empty(Email.Messages);
        Assert.Equal(0, await Pushed());
        Assert.Equal(ReminderStatus.Sent, (await Process.Stored(reminder)).Status); // in the list
        Clock.Advance(TimeSpan.FromHours(7) - TimeSpan.FromSeconds(1));
        await Process.Deliver();
        Assert.Empty(Email.Messages);

        Clock.Advance(TimeSpan.FromSeconds(1));
        await Process.Deliver();
        Assert.True(Email.Messages.TryDequeue(out var message));
        Assert.Equal(("Buy milk", 1), (message.Title, message.Count)); // one alone is sent as itself
        Assert.Equal(1, await Pushed());
        Assert.Equal(
            ["deferred email", "deferred realtime", "attempt in_app 1 sent", "sent in_app", "attempt email 1 sent", "attempt realtime 1 sent"],
            (await Process.Trace(reminder))[4..]);
    }

    [Fact]
    public async Task What_a_night_deferred_becomes_one_message_per_channel()
    {
        var user = await Process.AddUser(preference =>
        {
            AtNight(preference);
            preference.Channels = [Channels.Email, Channels.Realtime];
        });
        var other = await Process.AddUser(AtNight);
        var reminders = new List<Reminder>();
        for (var i = 1; i <= 12; i++)
        {
            reminders.Add(await Process.Fire(user, $"Task {i}"));
            await Process.Notify();
            Clock.Advance(TimeSpan.FromMinutes(1));
        }

        await Process.Fire(other, "Of another");
        await Process.Notify();
        await Process.Deliver();
        Clock.Advance(TimeSpan.FromHours(7));
        await Process.Deliver();

        Assert.Equal(2, Email.Messages.Count);
        var summary = Email.Messages.Single(message => message.UserId == user);
        Assert.Equal(("12 reminders", 12, reminders[0].Id), (summary.Title, summary.Count, summary.ReminderId));
        var lines = summary.Body.Split('\n');
        Assert.Equal(11, lines.Length);
        Assert.StartsWith("Task 1 - ", lines[0]);
        Assert.Equal("and 2 more", lines[10]);
        Assert.Equal(2, await Pushed());
        Assert.Equal(12, await Database.Scalar<long>($"select count(*) from reminder where user_id = '{user}' and status = 1"));
        Assert.All(reminders, reminder => Assert.Equal(["reminder.due.v1", "reminder.sent.v1"], Process.Events(reminder).Result.Select(one => one.Split(' ')[0])));
        var last = await Process.Trace(reminders[11]);
        Assert.Contains("collapsed email", last);
        Assert.Contains("attempt email 1 sent", last);
    }

    [Fact]
    public async Task When_the_message_that_speaks_for_others_fails_they_all_have()
    {
        var user = await Process.AddUser(preference =>
        {
            AtNight(preference);
            preference.Channels = [Channels.Email];
        });
        var (first, second) = (await Process.Fire(user), await Process.Fire(user));
        await Process.Notify();
        Email.Answer(DeliveryOutcome.Retry("smtp_421"), DeliveryOutcome.Failed("smtp_550"));
        Clock.Advance(TimeSpan.FromHours(7));
        await Process.Deliver();
        Assert.Equal(ReminderStatus.Pending, (await Process.Stored(second)).Status);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Process.Deliver();

        Assert.All(Email.Messages, message => Assert.Equal(2, message.Count));
        foreach (var reminder in new[] { first, second })
        {
            var stored = await Process.Stored(reminder);
            Assert.Equal((ReminderStatus.Failed, "smtp_550", 1), (stored.Status, stored.Reason, stored.RetryCount));
            Assert.Equal("failed smtp_550", (await Process.Trace(reminder))[^1]);
        }
    }

    [Fact]
    public async Task A_retry_that_falls_into_the_night_waits_for_its_end_too()
    {
        var quiet = await Process.AddUser(preference =>
        {
            AtNight(preference);
            preference.QuietFrom = new TimeOnly(23, 0, 30);
            preference.Channels = [Channels.Email];
        });
        var reminder = await Process.Fire(quiet);
        Email.Answer(DeliveryOutcome.Retry("smtp_421", TimeSpan.FromMinutes(1)));
        await Process.Notify();
        await Process.Deliver();
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Process.Deliver();
        Assert.Single(Email.Messages);

        Clock.Advance(TimeSpan.FromHours(7));
        await Process.Deliver();

        Assert.Equal(["attempt email 1 retry smtp_421", "deferred email", "attempt email 2 sent", "sent email"], (await Process.Trace(reminder))[4..]);
    }

    [Fact]
    public async Task Changing_the_quiet_hours_changes_what_they_deferred()
    {
        var user = await Process.AddUser(AtNight);
        await Process.Fire(user);
        await Process.Notify();
        await Process.Prefer(user, preference => preference.QuietTo = new TimeOnly(1, 0)); // 00:00 UTC
        Clock.Advance(TimeSpan.FromHours(2));
        await Process.Deliver();
        Assert.Single(Email.Messages);

        await Process.Prefer(user, AtNight);
        await Process.Fire(user);
        await Process.Notify();
        await Process.Deliver();
        Assert.Single(Email.Messages);
        await Process.Prefer(user, preference => (preference.QuietFrom, preference.QuietTo) = (null, null));
        await Process.Deliver();
        Assert.Equal(2, Email.Messages.Count);
    }

    [Fact]
    public async Task In_the_night_of_ten_hours_it_waits_for_ten()
    {
        var autumn = new FakeClock(new DateTimeOffset(2026, 10, 24, 20, 0, 0, TimeSpan.Zero)); // 22:00 in Berlin
        await using var later = await NotificationServices.Start(Database, autumn, [Email]);
        await later.Fire(await later.AddUser(AtNight));
        await later.Notify();

        autumn.Advance(TimeSpan.FromHours(10) - TimeSpan.FromSeconds(1));
        await later.Deliver();
        Assert.Empty(Email.Messages);
        autumn.Advance(TimeSpan.FromSeconds(1));
        await later.Deliver();
        Assert.Single(Email.Messages);
    }

    private Task<long> Pushed() => Database.Scalar<long>("select count(*) from outbox where topic = 'task-updates'");
}
