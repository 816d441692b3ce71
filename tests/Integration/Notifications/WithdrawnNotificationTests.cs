using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Quotas;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

/// <summary>What still goes out when a reminder, or its task, is deleted after the reminder fired.</summary>
public sealed class WithdrawnNotificationTests() : NotificationTest(new FakeClock(new DateTimeOffset(2026, 1, 1, 21, 0, 0, TimeSpan.Zero)))
{
    private static readonly Action<NotificationPreference> EmailOnly = preference => preference.Channels = [Channels.Email];
    private static readonly Action<NotificationPreference> AtNight = preference =>
        (preference.QuietFrom, preference.QuietTo, preference.TimeZone) = (new TimeOnly(20, 0), new TimeOnly(7, 0), "UTC");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_waits_to_be_sent_is_not_when_its_reminder_or_its_task_is_deleted(bool task)
    {
        var user = await Process.AddUser(EmailOnly);
        var (deleted, kept) = (await Process.Fire(user), await Process.Fire(user));
        await Process.Notify();

        await Delete(deleted, task);
        await Process.Deliver();

        Assert.Equal([kept.Id], Email.Messages.Select(message => message.ReminderId));
        var delivery = (await Process.DeliveriesOf(deleted))[Channels.Email];
        Assert.Equal((DeliveryStatus.Cancelled, "withdrawn", null), (delivery.Status, delivery.Reason, delivery.DueAt));
        Assert.Equal(ReminderStatus.Cancelled, (await Process.Stored(deleted)).Status);
        Assert.Equal(["reminder.due.v1", $"reminder.cancelled.v1 {(task ? "task_deleted" : "by_user")}"], await Process.Events(deleted));
        Assert.Contains("cancelled email withdrawn", await Process.Trace(deleted));
        Assert.Equal(ReminderStatus.Sent, (await Process.Stored(kept)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_user_was_told_in_the_list_is_not_mailed_afterwards_when_it_is_deleted(bool task)
    {
        var reminder = await Process.Fire(await Process.AddUser());
        await Process.Notify();

        await Delete(reminder, task);
        await Process.Deliver();

        Assert.Empty(Email.Messages);
        Assert.Equal(ReminderStatus.Sent, (await Process.Stored(reminder)).Status); // it was: to the list, and to devices
        Assert.Equal(DeliveryStatus.Sent, (await Process.DeliveriesOf(reminder))[Channels.InApp].Status);
        Assert.Equal(["reminder.due.v1", "reminder.sent.v1 in_app"], await Process.Events(reminder));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_deleted_before_the_notifier_came_to_it_is_not_notified(bool task)
    {
        var reminder = await Process.Fire(await Process.AddUser());

        await Delete(reminder, task);
        await Process.Notify();

        Assert.Equal(0, await Database.Scalar<long>("select count(*) from notification"));
    }

    [Fact]
    public async Task A_try_that_is_under_way_may_go_out_and_no_other_follows()
    {
        var reminder = await Process.Fire(await Process.AddUser(EmailOnly));
        await Process.Notify();
        Email.Answer(async (_, _) =>
        {
            await Delete(reminder, task: false);
            return DeliveryOutcome.Retry("smtp_421");
        });

        await Process.Deliver();
        Clock.Advance(TimeSpan.FromDays(1));
        await Process.Deliver();

        Assert.Single(Email.Messages);
        var delivery = (await Process.DeliveriesOf(reminder))[Channels.Email];
        Assert.Equal((DeliveryStatus.Cancelled, 1), (delivery.Status, delivery.Attempts));
        Assert.Equal(["attempt email 1 retry smtp_421", "cancelled by_user", "cancelled email withdrawn"], (await Process.Trace(reminder))[^3..]);
    }

    [Fact]
    public async Task What_is_sent_while_it_is_deleted_leaves_the_reminder_cancelled()
    {
        var reminder = await Process.Fire(await Process.AddUser(EmailOnly));
        await Process.Notify();
        Email.Answer(async (_, _) =>
        {
            await Delete(reminder, task: true);
            return DeliveryOutcome.Sent;
        });

        await Process.Deliver();

        Assert.Equal(DeliveryStatus.Sent, (await Process.DeliveriesOf(reminder))[Channels.Email].Status);
        Assert.Equal(ReminderStatus.Cancelled, (await Process.Stored(reminder)).Status);
        Assert.Equal(["reminder.due.v1", "reminder.cancelled.v1 task_deleted"], await Process.Events(reminder));
    }

    [Fact]
    public async Task What_quiet_hours_deferred_has_no_part_in_their_message_when_it_was_deleted_meanwhile()
    {
        var user = await Process.AddUser(AtNight);
        var reminders = new List<Reminder>();
        for (var i = 1; i <= 4; i++)
        {
            reminders.Add(await Process.Fire(user, $"Task {i}"));
        }

        await Process.Notify();
        await Delete(reminders[0], task: false); // the oldest, which would have spoken for the others
        await Delete(reminders[2], task: true);
        Clock.Advance(TimeSpan.FromHours(10));
        await Process.Deliver();

        var message = Assert.Single(Email.Messages);
        Assert.Equal((2, reminders[1].Id), (message.Count, message.ReminderId));
        Assert.Equal(["Task 2", "Task 4"], message.Body.Split('\n').Select(line => line[..6]));
        foreach (var deleted in new[] { reminders[0], reminders[2] })
        {
            var deliveries = await Process.DeliveriesOf(deleted);
            Assert.Equal(DeliveryStatus.Cancelled, deliveries[Channels.Email].Status);
            Assert.Equal(DeliveryStatus.Cancelled, deliveries[Channels.Realtime].Status);
        }
    }

    private async Task Delete(Reminder reminder, bool task)
    {
        await using var work = await Process.Get<UnitOfWorkFactory>().Begin(CancellationToken.None);
        if (task)
        {
            await work.ChangeTask(reminder.TaskId, deleted => deleted.Delete(Clock.GetUtcNow()));
            await work.Commit(CancellationToken.None);
            return;
        }

        var caller = new Caller();
        caller.SignIn(reminder.UserId, "UTC");
        await new ReminderStore(work, new UserQuotas(Options.Create(new QuotaSettings()), Clock), caller, Clock).Cancel(reminder.Id, CancellationToken.None);
    }
}
