using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>A task that is locked and read in one round trip: as Entity Framework reads it, whatever columns there are.</summary>
public sealed class TaskItemRowTests : EventTest
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Every_column_is_read()
    {
        var stored = await Store(Everything);
        await Services.Change(stored, task => task.Complete(Now));
        await Database.Execute("update task_item set parent_task_id = id");

        var (read, expected) = await Read(stored);

        Assert.Equal(expected, read);
        Assert.DoesNotContain("null", read.Values);
    }

    [Fact]
    public async Task What_is_null_is_read_as_null()
    {
        var (read, expected) = await Read(await Store(new TaskEdit { Title = "a" }));

        Assert.Equal(expected, read);
        Assert.Contains("null", read.Values);
    }

    [Fact]
    public async Task What_belongs_to_another_user_is_not_found()
    {
        var stored = await Store(new TaskEdit { Title = "a" });
        await using var work = await Services.Begin();

        Assert.Null(await TaskReminders.Lock(work, await Services.AddUser(), stored, withReminders: true, CancellationToken.None));
    }

    private async Task<Guid> Store(TaskEdit edit)
    {
        await using var work = await Services.Begin();
        var task = work.AddTask(User, edit, now: Now, digest: [1, 2, 3]);
        await work.Commit(CancellationToken.None);
        return task.Id;
    }

    private async Task<(Dictionary<string, string> Read, Dictionary<string, string> Expected)> Read(Guid id)
    {
        await using var work = await Services.Begin();
        var read = await TaskReminders.Lock(work, User, id, withReminders: true, CancellationToken.None);
        return (Columns(work.Db, read!.Task), Columns(work.Db, await work.Db.Tasks.AsNoTracking().SingleAsync(task => task.Id == id)));
    }

    private static Dictionary<string, string> Columns(TodoFlowDb db, TaskItem task) =>
        db.Entry(task).Properties.ToDictionary(property => property.Metadata.Name, property => JsonSerializer.Serialize(property.CurrentValue));
}
