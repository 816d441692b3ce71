using TodoFlow.Domain.Reminders;
using Xunit;

namespace TodoFlow.Tests.Unit.Reminders;

/// <summary>The transitions of one reminder.</summary>
public class ReminderTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan LateAfter = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(0, false)]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public void It_fires_once_and_is_late_where_it_is_noticed(int secondsAfter, bool late)
    {
        var reminder = New();

        reminder.Fire(LateAfter, Now.AddSeconds(secondsAfter));

        Assert.False(reminder.IsWaiting);
        Assert.Equal((ReminderStatus.Pending, Now.AddSeconds(secondsAfter), late), (reminder.Status, reminder.FiredAt, reminder.Late));
    }

    [Fact]
    public void Cancelled_it_waits_no_more_and_says_why()
    {
        var reminder = New();

        reminder.Cancel(ReminderReasons.ByUser, Now);

        Assert.False(reminder.IsWaiting);
        Assert.Equal((ReminderStatus.Cancelled, ReminderReasons.ByUser), (reminder.Status, reminder.Reason));
    }

    [Fact]
    public void Planned_anew_it_forgets_its_firing_and_keeps_a_step_of_it()
    {
        var reminder = New();
        reminder.Fire(LateAfter, Now.AddMinutes(1));
        (reminder.Status, reminder.SentAt, reminder.RetryCount, reminder.DueEventId) = (ReminderStatus.Sent, Now, 2, Guid.NewGuid());

        var steps = reminder.Plan(Now.AddHours(1), ReminderSteps.Snoozed, Now.AddMinutes(2));

        Assert.Equal([(ReminderSteps.Fired, "late"), (ReminderSteps.Snoozed, null)], steps.Select(step => (step.Step, step.Detail)));
        Assert.All(steps, step => Assert.Equal((reminder.Id, Now), (step.ReminderId, step.RemindAt))); // the instant until then
        Assert.True(steps[0].Id < steps[1].Id);
        Assert.True(reminder is { IsWaiting: true, Snoozed: true, Status: ReminderStatus.Pending, FiredAt: null, SentAt: null, Late: false, RetryCount: 0, DueEventId: null });
        Assert.Equal(Now.AddHours(1), reminder.RemindAt);
    }

    [Fact]
    public void Back_from_a_cancellation_it_keeps_the_reason_as_a_step()
    {
        var reminder = New();
        reminder.Cancel(ReminderReasons.TaskCompleted, Now);

        var steps = reminder.Plan(Now.AddHours(1), ReminderSteps.Moved, Now.AddMinutes(2));

        Assert.Equal([(ReminderSteps.Cancelled, ReminderReasons.TaskCompleted), (ReminderSteps.Moved, null)], steps.Select(step => (step.Step, step.Detail)));
        Assert.True(reminder is { IsWaiting: true, Snoozed: false, Reason: null });
    }

    private static Reminder New() => new()
    {
        Id = Guid.CreateVersion7(Now),
        TaskId = Guid.CreateVersion7(Now),
        UserId = Guid.CreateVersion7(Now),
        RemindAt = Now,
        DueAt = Now,
        ReminderOffset = null,
        OfTask = false,
        CreatedAt = Now,
        UpdatedAt = Now,
    };
}
