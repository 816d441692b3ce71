using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Reminders;
using TodoFlow.Functions.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Infrastructure.Sync;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Sync;

/// <summary>Runs a command by the same means as the request that does the same, and reads and checks its arguments as that does.</summary>
public sealed class CommandActions(TaskStore tasks, TaskTrash trash, ReminderStore reminders, NotificationList notifications, Caller caller, TimeProvider clock)
{
    /// <summary>Runs a command.</summary>
    /// <exception cref="ProblemException">Its arguments are wrong, or what it is about is not there, or not so.</exception>
    public async Task<CommandResult> Run(CommandRequest command, CancellationToken ct)
    {
        switch (command.Type)
        {
            case CommandType.Create:
                return Applied(command, await Create(command, ct));
            case CommandType.Update:
                return await Update(command, ct);
            case CommandType.Complete:
                return await Change(command, (task, _, now) => task.Complete(now, command.BaseVersion), movesReminders: true, ct);
            case CommandType.Reopen:
                return await Change(command, (task, next, now) => task.Reopen(next, now, command.BaseVersion), movesReminders: true, ct);
            case CommandType.Delete:
                return Applied(command, await Unless404(() => tasks.Delete(TaskOf(command), AnyVersion, ct)));
            case CommandType.Restore:
                return Applied(command, await trash.Restore(TaskOf(command), AnyVersion, ct));
            case CommandType.AddTags:
                var added = TaskFields.Distinct(Read<TaskTagsRequest>(command).Tags);
                return await Change(command, (task, _, now) => task.AddTags(added, now), movesReminders: false, ct);
            case CommandType.RemoveTags:
                var removed = TaskFields.Distinct(Read<TaskTagsRequest>(command).Tags);
                return await Change(command, (task, _, now) => task.RemoveTags(removed, now), movesReminders: false, ct);
            case CommandType.SetReminder:
                var reminder = Read<CreateReminderRequest>(command, "task_id", TaskOf(command));
                await reminders.Add(reminder.TaskId, reminder.ReminderOffset, reminder.RemindAt, ct);
                break;
            case CommandType.RemoveReminder:
                await Unless404<object>(async () =>
                {
                    await reminders.Cancel(Read<ReminderArgs>(command).ReminderId, ct);
                    return command;
                });
                break;
            case CommandType.Snooze:
                await reminders.Snooze(Read<ReminderArgs>(command).ReminderId, Read<SnoozeReminderRequest>(command).Instant(clock.GetUtcNow()), ct);
                break;
            case CommandType.ReadNotification:
                _ = await notifications.Read(caller.UserId, Read<NotificationArgs>(command).NotificationId, ct) ?? throw Problem.NotFound("notification").AsException();
                break;
        }

        return new(command.Id, CommandStatus.Applied);
    }

    private Task<TaskResponse> Create(CommandRequest command, CancellationToken ct)
    {
        if (OccurrenceId.IsReserved(TaskOf(command)))
        {
            throw Problem.Invalid("task_id", ClientIdAttribute.Refusal).AsException();
        }

        var body = Read<CreateTaskRequest>(command, "id", TaskOf(command));
        return tasks.Create(body.Id, body.ToEdit(caller.TimeZone), SHA256.HashData(Encoding.UTF8.GetBytes(command.Args?.GetRawText() ?? "")), ct);
    }

    private Task<CommandResult> Update(CommandRequest command, CancellationToken ct)
    {
        var body = Read<UpdateTaskRequest>(command);
        var (edit, version) = (body.ToEdit(), command.BaseVersion ?? body.Version);
        return Change(
            command,
            [(task, _, now) => task.Update(edit, version, now), (task, next, now) => task.SetStatus(body.Status, next, version, now)],
            movesReminders: edit.MovesReminders || body.Status is not null,
            ct);
    }

    private Task<CommandResult> Change(
        CommandRequest command, Func<TaskItem, TaskItem?, DateTimeOffset, TaskEvent?> change, bool movesReminders, CancellationToken ct) =>
        Change(command, [change], movesReminders, ct);

    private async Task<CommandResult> Change(
        CommandRequest command, Func<TaskItem, TaskItem?, DateTimeOffset, TaskEvent?>[] changes, bool movesReminders, CancellationToken ct)
    {
        var overwritten = new List<FieldChange>();
        var now = clock.GetUtcNow();
        var changed = await tasks.Change(
            TaskOf(command),
            AnyVersion,
            [.. changes.Select(change => (Func<TaskItem, TaskItem?, TaskEvent?>)((task, next) => Noted(change(task, next, now))))],
            movesReminders,
            ct);
        return overwritten.Count == 0
            ? Applied(command, changed)
            : Applied(command, changed) with { Status = CommandStatus.Conflict, Overwritten = overwritten };

        TaskEvent? Noted(TaskEvent? raised)
        {
            overwritten.AddRange(raised?.Conflict?.Overwritten ?? []);
            return raised;
        }
    }

    private static bool AnyVersion(long version) => true;

    private static CommandResult Applied(CommandRequest command, TaskResponse? task) => new(command.Id, CommandStatus.Applied) { Version = task?.Version };

    private static Guid TaskOf(CommandRequest command) => command.TaskId ?? throw Problem.Invalid("task_id", "is required").AsException();

    // What is not there any more is removed.
    private static async Task<T?> Unless404<T>(Func<Task<T>> remove)
        where T : class
    {
        try
        {
            return await remove();
        }
        catch (ProblemException error) when (error.Problem.Status == 404)
        {
            return null;
        }
    }

    // The arguments, as the body of the request that does the same; what that has in its route, or the body too, is the command's.
    private static T Read<T>(CommandRequest command, string? given = null, Guid id = default)
        where T : class
    {
        if (command.Args is { ValueKind: not JsonValueKind.Object })
        {
            throw Problem.Invalid("args", "must be a JSON object").AsException();
        }

        var errors = new List<FieldError>();
        var read = (T)RequestContract.Of(typeof(T)).Read(
            field => field.Name == given ? JsonSerializer.SerializeToElement(id)
                : command.Args is { } args && args.TryGetProperty(field.Name, out var value) ? value
                : default,
            "args.",
            errors);
        return errors.Count == 0 ? read : throw Problem.Invalid(errors).AsException();
    }
}
