using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Quotas;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

/// <summary>What each channel says of a task that changed after its reminder fired and before the message leaves: what is true then, or nothing.</summary>
public sealed class TaskStateTests() : NotificationTest(new FakeClock(new DateTimeOffset(2026, 1, 1, 21, 0, 0, TimeSpan.Zero)))
{
    private const string Date = "Due on Thursday, 1 January 2026 at 22:00 (UTC).";
    private const string NewDate = "Due on Friday, 2 January 2026 at 22:00 (UTC).";

    private readonly ScriptedChannel _push = new(Channels.WebPush);

    public static TheoryData<string, string, string?, string?> Cells()
    {
        var cells = new TheoryData<string, string, string?, string?>();
        foreach (var channel in new[] { Channels.Email, Channels.WebPush, Channels.Realtime })
        {
            cells.Add(channel, "open", $"Buy milk|{Date}", null);
            cells.Add(channel, "completed", null, "task_completed");
            cells.Add(channel, "moved", null, "moved"); // its reminder rings again
            cells.Add(channel, "moved, set to an instant", $"Buy milk|{NewDate}", null); // it does not
            cells.Add(channel, "snoozed", null, "snoozed");
            cells.Add(channel, "renamed", $"Buy oat milk|{Date}", null);
            cells.Add(channel, "deleted", null, "withdrawn");
            cells.Add(channel, "reopened", $"Buy milk|{Date}", null);
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task What_quiet_hours_deferred_is_true_when_it_is_sent(string channel, string state, string? said, string? why)
    {
        var (user, reminder) = await Defer(channel, state);

        await Change(reminder, state);
        Clock.Advance(TimeSpan.FromHours(10));
        await Process.Deliver();

        Assert.Equal(said, await Said(channel, user));
        var delivery = (await Process.DeliveriesOf(reminder))[channel];
        Assert.Equal((said is null ? DeliveryStatus.Cancelled : DeliveryStatus.Sent, why), (delivery.Status, delivery.Reason));
        if (why is not null)
        {
            Assert.Contains($"cancelled {channel} {why}", await Process.Trace(reminder));
        }

        var expected = state switch
        {
            "completed" or "deleted" => ReminderStatus.Cancelled,
            "moved" or "snoozed" => ReminderStatus.Pending,
            _ => ReminderStatus.Sent,
        };
        Assert.Equal(expected, (await Process.Stored(reminder)).Status);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task What_is_tried_again_is_true_when_it_is_sent(string channel, string state, string? said, string? why)
    {
        if (channel == Channels.Realtime)
        {
            return; // its event is stored with the try: there is no second one
        }

        var user = await Process.AddUser(preference => preference.Channels = [channel]);
        var reminder = await Fire(user, state);
        Scripted(channel).Answer(DeliveryOutcome.Retry("smtp_421"));
        await Process.Notify();
        await Process.Deliver();
        Scripted(channel).Messages.Clear();

        await Change(reminder, state);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Process.Deliver();

        Assert.Equal(said, await Said(channel, user));
        Assert.Equal(why, (await Process.DeliveriesOf(reminder))[channel].Reason);
    }

    [Theory]
    [InlineData("open", $"Buy milk|{Date}", false)]
    [InlineData("completed", $"Buy milk|{Date}", true)]
    [InlineData("moved", $"Buy milk|{NewDate}", false)]
    [InlineData("renamed", $"Buy oat milk|{Date}", false)]
    [InlineData("deleted", $"Buy milk|{Date}", false)] // as it was: the entry stays
    [InlineData("reopened", $"Buy milk|{Date}", false)]
    public async Task The_list_says_what_is_true_when_it_is_read(string state, string said, bool completed)
    {
        var user = await Process.AddUser();
        var reminder = await Fire(user, state);
        await Process.Notify();
        await Change(reminder, state);

        await using var work = await Process.Get<UnitOfWorkFactory>().Begin(CancellationToken.None);
        var list = new NotificationList(work, Microsoft.Extensions.Options.Options.Create(new Infrastructure.Retention.HistorySettings()), Clock);
        var entry = Assert.Single((await list.Page(user, null, null, 10, Pages.Budget(), CancellationToken.None)).Page);

        Assert.Equal((said, completed ? Clock.GetUtcNow() : null), ($"{entry.Title}|{entry.Body}", entry.TaskCompletedAt));
        Assert.Equal(entry.TaskCompletedAt, (await list.Read(user, entry.Id, CancellationToken.None))!.TaskCompletedAt);
    }

    [Theory]
    [InlineData("open", $"Buy milk|{Date}", ReminderStatus.Sent)]
    [InlineData("completed", null, ReminderStatus.Cancelled)]
    [InlineData("moved", null, ReminderStatus.Pending)]
    [InlineData("renamed", $"Buy oat milk|{Date}", ReminderStatus.Sent)]
    [InlineData("deleted", null, ReminderStatus.Cancelled)]
    [InlineData("reopened", $"Buy milk|{Date}", ReminderStatus.Sent)]
    public async Task What_changes_before_the_notifier_comes_to_it_is_true_in_every_channel(string state, string? said, ReminderStatus status)
    {
        var user = await Process.AddUser();
        var reminder = await Fire(user, state);
        await Change(reminder, state);

        await Process.Notify();
        await Process.Deliver();

        foreach (var channel in new[] { Channels.Email, Channels.WebPush, Channels.Realtime })
        {
            Assert.Equal(said, await Said(channel, user));
        }

        Assert.Equal(said is null ? 0 : 1, await Database.Scalar<long>("select count(*) from notification"));
        Assert.Equal(status, (await Process.Stored(reminder)).Status);
    }

    [Fact]
    public async Task A_message_that_speaks_for_several_leaves_out_what_is_done_also_when_it_is_tried_again()
    {
        var (user, first) = await Defer(Channels.Email, "open");
        var others = new List<Reminder>();
        foreach (var title in new[] { "Two", "Three", "Four" })
        {
            others.Add(await Process.Fire(user, title));
            await Process.Notify();
        }

        Email.Answer(DeliveryOutcome.Retry("smtp_421"), DeliveryOutcome.Retry("smtp_421"));
        await Change(others[0], "completed");
        Clock.Advance(TimeSpan.FromHours(10));
        await Process.Deliver();
        Assert.Equal(["Buy milk", "Four", "Three"], Lines(Email.Messages.Last()).Order(StringComparer.Ordinal));

        await Change(others[1], "completed");
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Process.Deliver();
        Assert.Equal(["Buy milk", "Four"], Lines(Email.Messages.Last()).Order(StringComparer.Ordinal));

        await Change(first, "completed"); // which spoke for the other
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Process.Deliver();
        Assert.Equal(("Four", 1, others[2].Id), (Email.Messages.Last().Title, Email.Messages.Last().Count, Email.Messages.Last().ReminderId));
        Assert.Equal(
            [ReminderStatus.Cancelled, ReminderStatus.Cancelled, ReminderStatus.Cancelled, ReminderStatus.Sent],
            new[] { first, others[0], others[1], others[2] }.Select(reminder => Process.Stored(reminder).Result.Status));

        static IEnumerable<string> Lines(DeliveryMessage message) => message.Body.Split('\n').Select(line => line.Split(" - ")[0]);
    }

    public override async Task InitializeAsync() => await Start([Email, _push]);

    private ScriptedChannel Scripted(string channel) => channel == Channels.Email ? Email : _push;

    private async Task<(Guid User, Reminder Reminder)> Defer(string channel, string state)
    {
        var user = await Process.AddUser(preference =>
        {
            (preference.QuietFrom, preference.QuietTo, preference.TimeZone) = (new TimeOnly(20, 0), new TimeOnly(7, 0), "UTC");
            preference.Channels = [channel];
        });
        var reminder = await Fire(user, state);
        await Process.Notify();
        return (user, reminder);
    }

    private async Task<Reminder> Fire(Guid user, string state)
    {
        var reminder = await Process.Fire(user, due: DueDate.Parse("2026-01-01T22:00:00Z"));
        if (!state.EndsWith("an instant", StringComparison.Ordinal))
        {
            await Database.Execute($"update reminder set reminder_offset = '1 hour' where id = '{reminder.Id}'");
        }

        return reminder;
    }

    private async Task Change(Reminder reminder, string state)
    {
        var now = Clock.GetUtcNow();
        await (state switch
        {
            "open" => Task.CompletedTask,
            "completed" => Edit(task => task.Complete(now)),
            "renamed" => Edit(task => task.Update(new TaskEdit { Title = "Buy oat milk" }, null, now)),
            "deleted" => Edit(task => task.Delete(now)),
            "snoozed" => Snooze(),
            "reopened" => Reopen(),
            _ => Edit(task => task.Update(new TaskEdit { DueDate = DueDate.Parse("2026-01-02T22:00:00Z") }, null, now)),
        });

        async Task Edit(Func<TaskItem, TaskEvent?> change)
        {
            await using var work = await Process.Get<UnitOfWorkFactory>().Begin(CancellationToken.None);
            await work.ChangeTask(reminder.TaskId, change);
            await work.Commit(CancellationToken.None);
        }

        async Task Reopen()
        {
            await Edit(task => task.Complete(now));
            await Edit(task => task.Reopen(null, now));
        }

        async Task Snooze()
        {
            await using var work = await Process.Get<UnitOfWorkFactory>().Begin(CancellationToken.None);
            var caller = new Caller();
            caller.SignIn(reminder.UserId, "UTC");
            await new ReminderStore(work, new UserQuotas(Microsoft.Extensions.Options.Options.Create(new QuotaSettings()), Clock), caller, Clock).Snooze(reminder.Id, Clock.GetUtcNow().AddDays(2), CancellationToken.None);
        }
    }

    private async Task<string?> Said(string channel, Guid user)
    {
        if (channel != Channels.Realtime)
        {
            return Scripted(channel).Messages.Where(message => message.UserId == user).Select(message => $"{message.Title}|{message.Body}").SingleOrDefault();
        }

        var pushed = (await Process.Records(Topics.TaskUpdates))
            .Select(record => Event.TryRead(record.Value, out var read, out _) ? read.Data : null).OfType<NotificationPushedData>().SingleOrDefault();
        return pushed is null ? null : $"{pushed.Title}|{pushed.Body}";
    }
}
