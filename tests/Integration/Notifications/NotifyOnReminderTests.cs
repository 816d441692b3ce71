using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

public sealed class NotifyOnReminderTests() : NotificationTest(new FakeClock())
{
    [Fact]
    public async Task A_due_reminder_becomes_one_notification_over_every_channel_however_often_its_event_comes()
    {
        var reminder = await Process.Fire(await Process.AddUser());

        await Process.Notify();
        await Process.Notify();
        await Process.Deliver();

        var deliveries = await Process.DeliveriesOf(reminder);
        Assert.Equal([Channels.Email, Channels.InApp, Channels.Realtime], deliveries.Keys.Order());
        Assert.All(deliveries.Values, delivery => Assert.Equal(DeliveryStatus.Sent, delivery.Status));
        Assert.Single(Email.Messages);
        Assert.Equal(1, await Database.Scalar<long>("select count(*) from outbox where topic = 'task-updates'"));
        Assert.Equal(["reminder.due.v1", "reminder.sent.v1 in_app"], await Process.Events(reminder));
        Assert.Equal(ReminderStatus.Sent, (await Process.Stored(reminder)).Status);
        Assert.Equal(
            ["scheduled", "claimed", "published", "notified", "attempt email 1 sent", "attempt in_app 1 sent", "attempt realtime 1 sent", "sent in_app"],
            (await Process.Trace(reminder)).Order(StringComparer.Ordinal).OrderBy(step => Array.IndexOf(["scheduled", "claimed", "published", "notified"], step) is var at && at < 0 ? 9 : at).ThenBy(step => step[0] == 's'));
    }

    [Theory]
    [InlineData("2026-03-01T09:30:00Z", false, "Due on Sunday, 1 March 2026 at 10:30 (Europe/Berlin).")]
    [InlineData("2026-03-01", false, "Due on Sunday, 1 March 2026.")]
    [InlineData(null, false, "You asked to be reminded.")]
    [InlineData("2026-03-01", true, "Due on Sunday, 1 March 2026. This reminder is late: it was set for Thursday, 1 January 2026 at 00:00 (Europe/Berlin).")]
    public async Task It_says_when_the_task_is_due_in_the_users_zone(string? due, bool late, string body)
    {
        var user = await Process.AddUser(timeZone: "Europe/Berlin");
        await Process.Fire(user, "Buy\r\nmilk", DueDate.TryParse(due, out var date) ? date : null, late);

        await Process.Notify();
        await Process.Deliver();

        Assert.True(Email.Messages.TryDequeue(out var message));
        Assert.Equal(("Buy  milk", body, 1, late), (message.Title, message.Body, message.Count, message.Late));
    }

    [Fact]
    public async Task Who_enabled_nothing_that_reaches_them_is_not_reached_and_the_reminder_says_so()
    {
        var nothing = await Process.Fire(await Process.AddUser(preference => preference.Channels = []));
        var mailOnly = await Process.AddUser(preference => preference.Channels = [Channels.Email]);
        Email.Unreachable.Add(mailOnly);
        var unreachable = await Process.Fire(mailOnly);

        await Process.Notify();

        foreach (var reminder in new[] { nothing, unreachable })
        {
            var stored = await Process.Stored(reminder);
            Assert.Equal((ReminderStatus.Failed, "no_channel"), (stored.Status, stored.Reason));
            Assert.Equal(["reminder.due.v1", "reminder.failed.v1 no_channel"], await Process.Events(reminder));
            Assert.Contains("failed no_channel", await Process.Trace(reminder));
        }

        Assert.Equal(0, await Database.Scalar<long>("select count(*) from notification"));
    }

    [Fact]
    public async Task A_firing_that_a_snooze_or_a_cancellation_overtook_is_passed_over()
    {
        var user = await Process.AddUser();
        var snoozed = await Process.Fire(user);
        var cancelled = await Process.Fire(user);
        await using (var db = Process.OpenDb())
        {
            await db.Reminders.Where(reminder => reminder.Id == snoozed.Id)
                .ExecuteUpdateAsync(change => change.SetProperty(reminder => reminder.DueEventId, (Guid?)null).SetProperty(reminder => reminder.DueAt, Clock.GetUtcNow().AddHours(1)));
            await db.Reminders.Where(reminder => reminder.Id == cancelled.Id)
                .ExecuteUpdateAsync(change => change.SetProperty(reminder => reminder.Status, ReminderStatus.Cancelled));
        }

        await Process.Notify();

        Assert.Equal(0, await Database.Scalar<long>("select count(*) from notification"));
        Assert.Equal(ReminderStatus.Pending, (await Process.Stored(snoozed)).Status);
    }

    [Fact]
    public async Task The_reminder_of_a_user_who_is_gone_is_passed_over_and_holds_up_no_other()
    {
        var gone = await Process.AddUser();
        await Process.Fire(gone);
        var reminder = await Process.Fire(await Process.AddUser());
        await using (var db = Process.OpenDb())
        {
            await db.Users.Where(user => user.Id == gone).ExecuteDeleteAsync();
        }

        await Process.Notify();

        Assert.Equal(1, await Database.Scalar<long>("select count(*) from notification"));
        Assert.Equal(0, await Database.Scalar<long>("select count(*) from dead_letter"));
        Assert.Equal(ReminderStatus.Sent, (await Process.Stored(reminder)).Status);
    }

    [Fact]
    public async Task Without_in_app_it_is_not_listed_and_another_channel_sends_the_reminder()
    {
        var reminder = await Process.Fire(await Process.AddUser(preference => preference.Channels = [Channels.Email]));

        await Process.Notify();
        var before = (await Process.Stored(reminder)).Status;
        await Process.Deliver();

        Assert.Equal(ReminderStatus.Pending, before);
        Assert.Equal(["reminder.due.v1", "reminder.sent.v1 email"], await Process.Events(reminder));
        Assert.False(await Database.Scalar<bool>("select listed from notification"));
        Assert.Equal("sent email", (await Process.Trace(reminder))[^1]);
    }

    [Fact]
    public async Task Many_that_are_due_at_once_are_notified_in_one_batch()
    {
        var users = new List<Guid>();
        for (var i = 0; i < 20; i++)
        {
            users.Add(await Process.AddUser());
        }

        var reminders = new List<Reminder>();
        for (var i = 0; i < 100; i++)
        {
            reminders.Add(await Process.Fire(users[i % users.Count], $"Task {i}"));
        }

        await Process.Notify();
        await Process.Deliver();

        Assert.Equal(100, await Database.Scalar<long>("select count(*) from notification"));
        Assert.Equal(100, Email.Messages.Select(message => message.ReminderId).Distinct().Count());
        Assert.Equal(100, await Database.Scalar<long>("select count(*) from reminder where status = 1"));
    }

    [Fact]
    public async Task Old_notifications_are_pruned_with_their_deliveries_and_no_others()
    {
        var user = await Process.AddUser();
        var old = await Process.Fire(user);
        Email.Answer(DeliveryOutcome.Retry("smtp_421"));
        await Process.Notify();
        await Process.Deliver();
        var tried = (await Process.DeliveriesOf(old))[Channels.Email].Id;
        Clock.Advance(TimeSpan.FromDays(90) - TimeSpan.FromSeconds(1));
        var recent = await Process.Fire(user);
        await Process.Notify();

        using var scope = Process.Get<IServiceScopeFactory>().CreateScope();
        var list = scope.ServiceProvider.GetRequiredService<NotificationList>();
        Assert.Equal(0, await list.Prune(CancellationToken.None));
        Clock.Advance(TimeSpan.FromSeconds(2));
        await Process.Deliver();
        await Database.Execute($"update delivery set status = 1, due_at = 'infinity' where id = '{tried}'");
        Assert.Equal(0, await list.Prune(CancellationToken.None)); // it is still on its way
        await Database.Execute($"update delivery set status = 2, due_at = null where id = '{tried}'");
        Assert.Equal(1, await list.Prune(CancellationToken.None));

        Assert.Empty(await Process.DeliveriesOf(old));
        Assert.Equal(3, (await Process.DeliveriesOf(recent)).Count);
        Assert.Equal(0, await Database.Scalar<long>($"select count(*) from delivery_attempt where delivery_id = '{tried}'"));
    }
}
