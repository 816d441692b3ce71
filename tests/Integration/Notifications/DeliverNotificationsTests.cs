using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

public sealed class DeliverNotificationsTests() : NotificationTest(new FakeClock())
{
    private static readonly Action<NotificationPreference> EmailOnly = preference => preference.Channels = [Channels.Email];

    [Fact]
    public async Task What_does_not_succeed_is_tried_again_with_doubling_pauses_and_given_up_after_sixteen_tries()
    {
        var reminder = await Process.Fire(await Process.AddUser(EmailOnly));
        Email.Answer([.. Enumerable.Repeat(DeliveryOutcome.Retry("smtp_421"), 16)]);
        await Process.Notify();

        await Process.Deliver();
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600 })
        {
            var tried = Email.Messages.Count;
            Clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            await Process.Deliver();
            Assert.Equal(tried, Email.Messages.Count); // not a moment before
            Clock.Advance(TimeSpan.FromMilliseconds(1));
            await Process.Deliver();
            Assert.Equal(tried + 1, Email.Messages.Count);
        }

        Clock.Advance(TimeSpan.FromDays(1));
        await Process.Deliver();

        Assert.Equal(Enumerable.Range(1, 16), Email.Messages.Select(message => message.Attempt));
        Assert.Single(Email.Messages.Select(message => message.DeliveryId).Distinct());
        var stored = await Process.Stored(reminder);
        Assert.Equal((ReminderStatus.Failed, "smtp_421", 15), (stored.Status, stored.Reason, stored.RetryCount));
        Assert.Equal(["reminder.due.v1", "reminder.failed.v1 smtp_421"], await Process.Events(reminder));
        Assert.Equal(
            [
                "scheduled", "claimed", "published", "notified",
                .. Enumerable.Range(1, 15).Select(attempt => $"attempt email {attempt} retry smtp_421"),
                "attempt email 16 failed smtp_421", "given_up email smtp_421", "failed smtp_421",
            ],
            await Process.Trace(reminder));
    }

    [Fact]
    public async Task A_retry_that_gets_through_sends_the_reminder_and_its_event_counts_the_retries()
    {
        var reminder = await Process.Fire(await Process.AddUser(EmailOnly));
        Email.Answer(DeliveryOutcome.Retry("connection_failed"), DeliveryOutcome.Retry("smtp_421"));
        await Process.Notify();

        await Process.Deliver();
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Process.Deliver();
        Clock.Advance(TimeSpan.FromSeconds(2));
        await Process.Deliver();

        var stored = await Process.Stored(reminder);
        Assert.Equal((ReminderStatus.Sent, 2, Clock.GetUtcNow()), (stored.Status, stored.RetryCount, stored.SentAt));
        Assert.Equal(["reminder.due.v1", "reminder.sent.v1 email"], await Process.Events(reminder));
        Assert.Equal(
            ["attempt email 1 retry connection_failed", "attempt email 2 retry smtp_421", "attempt email 3 sent", "sent email"],
            (await Process.Trace(reminder))[4..]);
    }

    [Fact]
    public async Task The_pause_that_the_other_side_asks_for_is_kept()
    {
        await Process.Fire(await Process.AddUser(EmailOnly));
        Email.Answer(DeliveryOutcome.Retry("http_429", TimeSpan.FromMinutes(5)));
        await Process.Notify();
        await Process.Deliver();

        Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        await Process.Deliver();
        Assert.Single(Email.Messages);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Process.Deliver();
        Assert.Equal(2, Email.Messages.Count);
    }

    [Fact]
    public async Task What_can_never_succeed_is_not_tried_again()
    {
        var reminder = await Process.Fire(await Process.AddUser(EmailOnly));
        Email.Answer(DeliveryOutcome.Failed("smtp_550"));
        await Process.Notify();
        await Process.Deliver();

        Clock.Advance(TimeSpan.FromDays(1));
        await Process.Deliver();

        Assert.Single(Email.Messages);
        Assert.Equal(["attempt email 1 failed smtp_550", "given_up email smtp_550", "failed smtp_550"], (await Process.Trace(reminder))[4..]);
    }

    [Fact]
    public async Task A_reminder_fails_only_when_its_last_channel_has()
    {
        var push = new ScriptedChannel(Channels.WebPush);
        await using var twoChannels = await NotificationServices.Start(Database, Clock, [Email, push]);
        var reminder = await twoChannels.Fire(await twoChannels.AddUser(preference => preference.Channels = [Channels.Email, Channels.WebPush]));
        Email.Answer(DeliveryOutcome.Failed("smtp_550"));
        push.Answer(DeliveryOutcome.Retry("http_503"), DeliveryOutcome.Failed("gone"));
        await twoChannels.Notify();

        await twoChannels.Deliver();
        var between = (await twoChannels.Stored(reminder)).Status;
        Clock.Advance(TimeSpan.FromSeconds(1));
        await twoChannels.Deliver();

        Assert.Equal(ReminderStatus.Pending, between);
        Assert.Equal(["reminder.due.v1", "reminder.failed.v1 gone"], await twoChannels.Events(reminder));
    }

    [Fact]
    public async Task A_try_that_takes_too_long_is_ended_and_made_again()
    {
        var reminder = await Process.Fire(await Process.AddUser(EmailOnly));
        Email.Answer(async (_, ct) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return DeliveryOutcome.Sent;
        });
        await Process.Notify();

        await Process.Queues.Sweep(TimeSpan.FromMinutes(1), CancellationToken.None);
        await Clock.TimerDueWithin(TimeSpan.FromSeconds(30));
        Clock.Advance(TimeSpan.FromSeconds(30));
        await Process.Queues.WhenIdle();
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Process.Deliver();

        Assert.Equal(["attempt email 1 retry timeout", "attempt email 2 sent", "sent email"], (await Process.Trace(reminder))[4..]);
    }

    [Fact]
    public async Task When_a_lease_is_over_another_process_takes_over_and_the_first_cannot_overwrite_what_it_did()
    {
        var reminder = await Process.Fire(await Process.AddUser(EmailOnly));
        var hanging = new TaskCompletionSource<DeliveryOutcome>();
        Email.Answer((_, _) => hanging.Task);
        await Process.Notify();
        await Process.Queues.Sweep(TimeSpan.FromMinutes(1), CancellationToken.None);
        await Started(1);

        await using var other = await NotificationServices.Start(Database, Clock, [Email], ("Notifications:SendTimeout", "00:00:50"));
        await other.Deliver();
        Assert.Single(Email.Messages); // it is leased

        // The first process's clock stands still for its timeout: as one that was frozen, it does not notice that its lease is over.
        await Database.Execute($"update delivery set due_at = due_at - interval '1 minute'");
        await other.Deliver();
        Assert.Equal(2, Email.Messages.Count);
        hanging.SetResult(DeliveryOutcome.Failed("smtp_550"));
        await Process.Queues.WhenIdle();

        var delivery = (await Process.DeliveriesOf(reminder))[Channels.Email];
        Assert.Equal((DeliveryStatus.Sent, 2), (delivery.Status, delivery.Attempts));
        Assert.Equal(ReminderStatus.Sent, (await Process.Stored(reminder)).Status);
        Assert.Equal(["attempt email 1 failed smtp_550", "attempt email 2 sent", "sent email"], (await Process.Trace(reminder))[4..].Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_last_try_that_nobody_finished_counts_as_one()
    {
        var reminder = await Process.Fire(await Process.AddUser(EmailOnly));
        await Process.Notify();
        await Database.Execute($"update delivery set attempts = {DeliveryBackoff.MaxAttempts}");

        await Process.Deliver();

        Assert.Empty(Email.Messages);
        Assert.Equal(["given_up email interrupted", "failed interrupted"], (await Process.Trace(reminder))[4..]);
    }

    [Fact]
    public async Task Two_processes_that_race_send_each_once()
    {
        await using var other = await NotificationServices.Start(Database, Clock, [Email]);
        var user = await Process.AddUser(EmailOnly);
        for (var i = 0; i < 50; i++)
        {
            await Process.Fire(user);
        }

        await Process.Notify();
        await Task.WhenAll(Process.Deliver(), other.Deliver());

        Assert.Equal(50, Email.Messages.Count);
        Assert.Equal(50, Email.Messages.Select(message => message.DeliveryId).Distinct().Count());
        Assert.Equal(50, await Database.Scalar<long>("select count(*) from reminder where status = 1"));
    }

    [Fact]
    public async Task A_channel_that_was_disabled_meanwhile_is_not_used()
    {
        var user = await Process.AddUser(EmailOnly);
        var reminder = await Process.Fire(user);
        Email.Answer(DeliveryOutcome.Retry("smtp_421"));
        await Process.Notify();
        await Process.Deliver();

        await Process.Prefer(user, preference => preference.Channels = [Channels.InApp]);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Process.Deliver();

        Assert.Single(Email.Messages);
        Assert.Equal(["attempt email 1 retry smtp_421", "given_up email channel_disabled", "failed channel_disabled"], (await Process.Trace(reminder))[4..]);
    }

    [Fact]
    public async Task A_channel_that_throws_is_tried_again_and_says_nothing_personal()
    {
        var reminder = await Process.Fire(await Process.AddUser(EmailOnly));
        Email.Answer((_, _) => throw new InvalidOperationException("ada@example.com"));
        await Process.Notify();
        await Process.Deliver();

        Assert.Equal(["attempt email 1 retry channel_error"], (await Process.Trace(reminder))[4..]);
    }

    private Task Started(int messages) => Eventually.Holds(() => Email.Messages.Count == messages);
}
