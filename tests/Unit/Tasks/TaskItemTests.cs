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
}
