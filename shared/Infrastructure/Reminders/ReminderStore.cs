using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Quotas;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>Plans, puts off and takes back the caller's reminders. It locks as <see cref="TaskReminders"/> does: the task first.</summary>
public sealed class ReminderStore(UnitOfWork work, UserQuotas quotas, Caller caller, TimeProvider clock)
{
    /// <summary>Plans one more reminder for a task.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="reminderOffset">How long before its due date, checked; or null.</param>
    /// <param name="remindAt">At which instant, where no offset is given.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">
    /// 404: no such task; 409: the task is completed, or has as many reminders as it may; 400: it has no due date to count from; 403: the
    /// user has as many as they may.
    /// </exception>
    public async Task<ReminderResponse> Add(Guid taskId, string? reminderOffset, DateTimeOffset? remindAt, CancellationToken ct)
    {
        using var reserved = await quotas.Reserve(work, caller.UserId, new(0, 0, 1), ct);
        var added = await AddWithinQuota(taskId, reminderOffset, remindAt, ct);
        reserved.Keep(work);
        return added;
    }

    private Task<ReminderResponse> AddWithinQuota(Guid taskId, string? reminderOffset, DateTimeOffset? remindAt, CancellationToken ct) => work.Run(async () =>
    {
        var (task, reminders) = await TaskReminders.Lock(work, caller.UserId, taskId, withReminders: true, ct) ?? throw Problem.NotFound("task").AsException();
        if (task.Status == TaskItemStatus.Completed)
        {
            throw TaskIsCompleted();
        }

        if (reminderOffset is not null && task.DueDate is null)
        {
            throw Problem.Invalid("reminder_offset", "counts from the task's due date, and the task has none").AsException();
        }

        if (reminders.Count(reminder => reminder.IsWaiting) >= Reminder.MaxPerTask)
        {
            throw Problem.Conflict("too_many_reminders", $"{Reminder.MaxPerTask} reminders wait for this task, which is the most.").AsException();
        }

        var plan = new ReminderPlan(task, await TaskReminders.AllDayTimeOf(work, task, ct), clock.GetUtcNow());
        var at = reminderOffset is null ? ReminderInstant.At(remindAt!.Value) : plan.InstantOf(reminderOffset);
        var reminder = plan.Schedule(at, reminderOffset, ofTask: false);
        work.Save(plan);
        return ReminderResponse.From(reminder);
    }, ct);

    /// <summary>Lets a reminder ring at another instant; one that has rung rings again.</summary>
    /// <exception cref="ProblemException">404: no such reminder; 409: it is cancelled, or its task completed.</exception>
    public Task<ReminderResponse> Snooze(Guid id, DateTimeOffset until, CancellationToken ct) => work.Run(async () =>
    {
        var (reminder, task) = await Lock(id, ct);
        if (reminder.Status == ReminderStatus.Cancelled)
        {
            throw Problem.Conflict("reminder_cancelled", "The reminder is cancelled. Make a new one.").AsException();
        }

        if (task is null or { Status: TaskItemStatus.Completed })
        {
            throw TaskIsCompleted();
        }

        var now = clock.GetUtcNow();
        work.Save(reminder.Plan(ReminderInstant.At(until), ReminderSteps.Snoozed, now));
        work.Change(reminder);
        work.Raise(new ReminderScheduled(reminder, TaskResponse.From(task), now));
        return ReminderResponse.From(reminder);
    }, ct);

    /// <summary>
    /// Takes a reminder back, unless it was sent, has failed, or is cancelled already. Either way what waits to be delivered of it is not
    /// sent any more.
    /// </summary>
    /// <exception cref="ProblemException">404: no such reminder.</exception>
    public async Task Cancel(Guid id, CancellationToken ct)
    {
        var cancelled = default(Usage);
        await work.Run(async () =>
        {
            var (reminder, task) = await Lock(id, ct);
            var now = clock.GetUtcNow();
            work.Execute(WithdrawnNotifications.Withdraw(reminder.UserId, reminder.TaskId, reminder.Id, now));
            if (reminder.Status == ReminderStatus.Pending)
            {
                reminder.Cancel(ReminderReasons.ByUser, now);
                cancelled = new(0, 0, -1);
                work.Change(reminder);
                work.Raise(new ReminderCancelled(reminder, task is null ? null : TaskResponse.From(task), now));
            }

            return reminder;
        }, ct);
        quotas.Added(work, caller.UserId, cancelled);
    }

    private static ProblemException TaskIsCompleted() =>
        Problem.Conflict("task_completed", "The task is completed. Reopen it first.").AsException();

    private async Task<(Reminder Reminder, TaskItem? Task)> Lock(Guid id, CancellationToken ct)
    {
        var of = await work.Db.Reminders.AsNoTracking().SingleOrDefaultAsync(reminder => reminder.Id == id && reminder.UserId == caller.UserId, ct)
            ?? throw Problem.NotFound("reminder").AsException();
        var locked = await TaskReminders.Lock(work, caller.UserId, of.TaskId, withReminders: false, ct);
        var reminder = await work.Db.Reminders.FromSql($"select * from reminder where id = {id} for no key update").AsNoTracking().SingleOrDefaultAsync(ct)
            ?? throw Problem.NotFound("reminder").AsException();
        return (reminder, locked?.Task);
    }
}
