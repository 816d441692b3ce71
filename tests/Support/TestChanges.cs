using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Tests.Support;

/// <summary>What tests change of tasks without a request.</summary>
internal static class TestChanges
{
    /// <summary>Adds a task, with its event and its reminder.</summary>
    public static TaskItem AddTask(this UnitOfWork work, Guid user, TaskEdit? edit = null, Guid? id = null, DateTimeOffset? now = null, byte[]? digest = null)
    {
        var (task, created) = TaskItem.Create(id ?? Guid.CreateVersion7(), user, edit ?? new TaskEdit { Title = "a" }, digest, now ?? DateTimeOffset.UtcNow);
        work.Add(task, created, ReminderPlan.OfNew(task, new TimeOnly(9, 0)));
        return task;
    }

    /// <summary>Changes a task as a request does: it is locked, and its reminders follow.</summary>
    public static async Task<TaskItem> ChangeTask(this UnitOfWork work, Guid id, Func<TaskItem, TaskEvent?> change)
    {
        var owner = await work.Db.Tasks.Where(task => task.Id == id).Select(task => task.UserId).SingleAsync();
        var (task, reminders) = (await TaskReminders.Lock(work, owner, id, withReminders: true, CancellationToken.None))!;
        if (change(task) is { } raised)
        {
            work.Raise(raised);
            if (raised is TaskDeleted)
            {
                TaskReminders.Remove(work, task, reminders);
            }
            else
            {
                var fields = raised.Changes.Select(changed => changed.Field).ToHashSet();
                work.Change(task, fields);
                await TaskReminders.Follow(work, task, reminders, fields, CancellationToken.None);
            }
        }

        return task;
    }
}
