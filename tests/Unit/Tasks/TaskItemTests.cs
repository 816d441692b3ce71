using TodoFlow.Tasks;
using Xunit;

namespace TodoFlow.Tests.Unit.Tasks;

public class TaskItemTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(5)] // ticks: less than the microsecond that PostgreSQL keeps
    public void Each_change_is_later_than_the_one_before_whatever_the_clock_says(int ticks)
    {
        var (task, _) = TaskItem.Create(Guid.CreateVersion7(), Guid.CreateVersion7(), new TaskEdit { Title = "a" }, null, Now);

        task.Complete(Now.AddTicks(ticks));

        Assert.Equal(Now.AddMicroseconds(1), task.UpdatedAt); // who asks for what changed after Now is told
    }

    [Fact]
    public void A_stale_edit_of_the_recurrence_that_reopening_cleared_is_a_conflict()
    {
        var task = Recurring();
        task.Complete(Now.AddMinutes(1));
        var next = Recurring(); // it came of no task: somebody else's occurrence, with which the series went on

        task.Reopen(next, Now.AddMinutes(2));

        Assert.Null(task.Recurrence);
        var updated = task.Update(new TaskEdit { Recurrence = "weekly" }, baseVersion: 2, Now.AddMinutes(3));
        var overwritten = Assert.Single(updated!.Conflict!.Overwritten);
        Assert.Equal((2, "recurrence", "none"), (updated.Conflict.BaseVersion, overwritten.Field, overwritten.Old!.GetValue<string>()));
    }

    [Fact]
    public void Reopening_changes_only_the_status_where_the_series_did_not_go_on()
    {
        var task = Recurring();
        task.Complete(Now.AddMinutes(1));

        task.Reopen(null, Now.AddMinutes(2));

        Assert.Equal("daily", task.Recurrence);
        Assert.Null(task.Update(new TaskEdit { Recurrence = "weekly" }, baseVersion: 2, Now.AddMinutes(3))!.Conflict);
    }

    private static TaskItem Recurring()
    {
        var edit = new TaskEdit { Title = "a", Recurrence = "daily", DueDate = DueDate.On(new DateOnly(2026, 3, 1)) };
        return TaskItem.Create(Guid.CreateVersion7(), Guid.CreateVersion7(), edit, null, Now).Task;
    }
}
