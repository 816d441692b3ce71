using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using Xunit;

namespace TodoFlow.Tests.Unit.Reminders;

/// <summary>What a task's reminders do when the task changes.</summary>
public class ReminderPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly TimeOnly Nine = new(9, 0);

    [Fact]
    public void A_new_task_has_the_reminder_that_it_asks_for()
    {
        var task = New(DueDate.At(Now.AddHours(2)), "1 hour");

        var (reminder, scheduled) = Assert.Single(ReminderPlan.OfNew(task, Nine));

        Assert.Equal((Now.AddHours(1), Now.AddHours(1), true), (reminder.RemindAt, reminder.DueAt, reminder.OfTask));
        Assert.Equal((task.Id, task.UserId, "1 hour"), (reminder.TaskId, reminder.UserId, reminder.ReminderOffset));
        Assert.Same(reminder, scheduled.Reminder);
    }

    [Fact]
    public void Without_offset_or_due_date_there_is_none()
    {
        Assert.Empty(ReminderPlan.OfNew(New(DueDate.At(Now), null), Nine));
        Assert.Empty(ReminderPlan.OfNew(New(null, "1 hour"), Nine));
    }

    [Fact]
    public void An_all_day_task_counts_from_the_users_time_of_day()
    {
        var task = New(DueDate.On(new DateOnly(2026, 3, 3)), "1 day");

        Assert.Equal(new DateTimeOffset(2026, 3, 2, 7, 30, 0, TimeSpan.Zero), Assert.Single(ReminderPlan.OfNew(task, new TimeOnly(7, 30))).Reminder.RemindAt);
    }

    [Fact]
    public void The_next_occurrence_has_its_own_reminder_and_those_of_the_one_before_each_instant_once()
    {
        var task = New(DueDate.At(Now.AddDays(1)), "1 hour");

        var planned = ReminderPlan.OfNext(task, ["30 minutes", "PT30M", "2 hours"], Nine).Select(plan => plan.Reminder).ToList();

        Assert.Equal([("1 hour", true), ("30 minutes", false), ("2 hours", false)], planned.Select(reminder => (reminder.ReminderOffset!, reminder.OfTask)));
    }

    [Fact]
    public void It_moves_with_the_due_date()
    {
        var (task, reminder) = WithReminder("1 hour");

        var plan = After(task, new TaskEdit { DueDate = DueDate.At(Now.AddHours(5)) }, reminder);

        Assert.Equal(Now.AddHours(4), reminder.RemindAt);
        Assert.Equal(ReminderSteps.Moved, Assert.Single(plan.Steps).Step);
        Assert.IsType<ReminderScheduled>(Assert.Single(plan.Raised));
        Assert.Same(reminder, Assert.Single(plan.Changed));
    }

    [Fact]
    public void It_stays_where_the_change_does_not_concern_it()
    {
        var (task, _) = WithReminder("1 hour");

        Assert.False(ReminderPlan.Follows(task, new HashSet<string> { "title", "priority", "tags" }));
        Assert.False(ReminderPlan.Follows(task, new HashSet<string> { "time_zone" })); // an instant is one in every zone
        Assert.True(ReminderPlan.Follows(New(DueDate.On(new DateOnly(2026, 3, 3)), null), new HashSet<string> { "time_zone" }));
        Assert.All(new[] { "status", "due_date", "reminder_offset" }, field => Assert.True(ReminderPlan.Follows(task, new HashSet<string> { field })));
    }

    [Fact]
    public void Only_a_new_due_date_or_offset_overrides_a_snooze()
    {
        var (task, reminder) = WithReminder("1 hour");
        reminder.Plan(Now.AddMinutes(90), ReminderSteps.Snoozed, Now);

        Assert.Empty(Follow(task, ["status"], reminder).Raised);
        Assert.Equal(Now.AddMinutes(90), reminder.RemindAt);

        Assert.Single(Follow(task, ["due_date"], reminder).Raised);
        Assert.Equal((Now.AddHours(1), false), (reminder.RemindAt, reminder.Snoozed));
    }

    [Theory]
    [InlineData("due_date", ReminderReasons.DueDateCleared)]
    [InlineData("reminder_offset", ReminderReasons.OffsetCleared)]
    public void It_is_cancelled_when_what_it_counts_from_is_cleared(string field, string reason)
    {
        var (task, reminder) = WithReminder("1 hour");

        var plan = After(task, field == "due_date" ? new TaskEdit { DueDate = new Optional<DueDate?>(null) } : new TaskEdit { ReminderOffset = new Optional<string?>(null) }, reminder);

        Assert.Equal((ReminderStatus.Cancelled, reason), (reminder.Status, reminder.Reason));
        Assert.IsType<ReminderCancelled>(Assert.Single(plan.Raised));
    }

    [Fact]
    public void It_is_cancelled_when_the_task_is_completed_and_comes_back_when_it_is_reopened_in_time()
    {
        var (task, reminder) = WithReminder("1 hour");
        task.Complete(Now);
        Follow(task, ["status"], reminder);
        Assert.Equal(ReminderReasons.TaskCompleted, reminder.Reason);

        task.Reopen(null, Now);
        Follow(task, ["status"], reminder);
        Assert.True(reminder is { IsWaiting: true, Status: ReminderStatus.Pending });
    }

    [Fact]
    public void It_does_not_come_back_when_its_instant_has_passed()
    {
        var (task, reminder) = WithReminder("1 hour");
        reminder.Cancel(ReminderReasons.TaskCompleted, Now);

        Follow(task, ["status"], Now.AddHours(1), reminder);

        Assert.False(reminder.IsWaiting);
    }

    [Fact]
    public void What_the_user_took_back_comes_back_with_a_new_offset_only()
    {
        var (task, reminder) = WithReminder("1 hour");
        reminder.Cancel(ReminderReasons.ByUser, Now);

        Follow(task, ["due_date"], reminder);
        Assert.False(reminder.IsWaiting);

        After(task, new TaskEdit { ReminderOffset = "30 minutes" }, reminder);
        Assert.Equal((true, Now.AddMinutes(90)), (reminder.IsWaiting, reminder.RemindAt));
    }

    [Fact]
    public void No_more_come_back_than_may_wait()
    {
        var task = New(DueDate.At(Now.AddDays(1)), null);
        var reminders = Enumerable.Range(1, Reminder.MaxPerTask + 1).Select(minutes => Own(task, $"{minutes} minutes")).ToArray();
        foreach (var reminder in reminders)
        {
            reminder.Cancel(ReminderReasons.TaskCompleted, Now);
        }

        Follow(task, ["status"], reminders);

        Assert.Equal(Reminder.MaxPerTask, reminders.Count(reminder => reminder.IsWaiting));
    }

    [Fact]
    public void A_deleted_task_cancels_also_what_is_on_its_way()
    {
        var (task, reminder) = WithReminder("1 hour");
        reminder.Fire(TimeSpan.FromSeconds(10), Now);
        var plan = new ReminderPlan(task, Nine, Now);

        plan.Cancel([reminder], ReminderReasons.TaskCompleted);
        Assert.Equal(ReminderStatus.Pending, reminder.Status);

        plan.Cancel([reminder], ReminderReasons.TaskDeleted);
        Assert.Equal(ReminderStatus.Cancelled, reminder.Status);
    }

    [Fact]
    public void Another_time_of_day_moves_what_waits_and_only_that()
    {
        var task = New(DueDate.On(new DateOnly(2026, 3, 3)), null);
        var (waiting, cancelled) = (Own(task, "1 day"), Own(task, "1 day"));
        cancelled.Cancel(ReminderReasons.ByUser, Now);

        new ReminderPlan(task, new TimeOnly(18, 0), Now).Move([waiting, cancelled]);

        Assert.Equal(new DateTimeOffset(2026, 3, 2, 18, 0, 0, TimeSpan.Zero), waiting.RemindAt);
        Assert.Equal(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero), cancelled.RemindAt);
    }

    private static TaskItem New(DueDate? due, string? offset) =>
        TaskItem.Create(Guid.CreateVersion7(Now), Guid.CreateVersion7(Now), new TaskEdit { Title = "a", DueDate = due, ReminderOffset = offset }, null, Now).Task;

    private static (TaskItem Task, Reminder Reminder) WithReminder(string offset)
    {
        var task = New(DueDate.At(Now.AddHours(2)), offset);
        return (task, ReminderPlan.OfNew(task, Nine).Single().Reminder);
    }

    private static Reminder Own(TaskItem task, string offset) => new ReminderPlan(task, Nine, Now).Schedule(offset, ofTask: false);

    private static ReminderPlan After(TaskItem task, TaskEdit edit, params Reminder[] reminders) =>
        Follow(task, [.. task.Update(edit, null, Now)!.Changes.Select(change => change.Field)], reminders);

    private static ReminderPlan Follow(TaskItem task, string[] fields, params Reminder[] reminders) => Follow(task, fields, Now, reminders);

    private static ReminderPlan Follow(TaskItem task, string[] fields, DateTimeOffset now, params Reminder[] reminders)
    {
        var plan = new ReminderPlan(task, Nine, now);
        plan.Follow(reminders, fields.ToHashSet());
        return plan;
    }
}
