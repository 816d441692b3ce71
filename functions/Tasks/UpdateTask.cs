using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>PUT /api/tasks/{id}: changes the fields that the body names; null clears one.</summary>
public sealed class UpdateTask(TaskStore tasks, TimeProvider clock)
{
    /// <summary>Answers 200 with the task. Without <c>If-Match</c> the last write wins, field by field.</summary>
    [Function(nameof(UpdateTask))]
    [Body<UpdateTaskRequest>]
    [Returns<TaskResponse>(200, "ETag")]
    [Heeds("If-Match")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/tasks/{id:guid}")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<UpdateTaskRequest>(ct);
        var edit = body.ToEdit();
        var now = clock.GetUtcNow();
        return Answers.Task(await tasks.Change(
            request.RouteId(),
            request.IfMatch(),
            [(task, _) => task.Update(edit, body.Version, now), (task, next) => task.SetStatus(body.Status, next, body.Version, now)],
            movesReminders: edit.MovesReminders || body.Status is not null,
            ct));
    }
}

/// <summary>The fields of a task that are to change.</summary>
public sealed record UpdateTaskRequest : IChecked
{
    /// <inheritdoc cref="TaskItem.Title"/>
    [Characters(1, 500, Trimmed = true), Example("Buy oat milk")]
    public Optional<string> Title { get; init; }

    /// <inheritdoc cref="TaskItem.Description"/>
    [Characters(0, 10_000)]
    public Optional<string?> Description { get; init; }

    /// <inheritdoc cref="TaskItem.Status"/>
    [About("completed completes the task, pending reopens it.")]
    public TaskItemStatus? Status { get; init; }

    /// <inheritdoc cref="TaskItem.Priority"/>
    public Optional<TaskPriority> Priority { get; init; }

    /// <inheritdoc cref="TaskItem.Tags"/>
    [Texts(50, 50)]
    public Optional<string[]> Tags { get; init; }

    /// <inheritdoc cref="TaskItem.DueDate"/>
    public Optional<DueDate?> DueDate { get; init; }

    /// <inheritdoc cref="TaskItem.TimeZone"/>
    public Optional<string> TimeZone { get; init; }

    /// <inheritdoc cref="TaskItem.Recurrence"/>
    [Characters(0, 500)]
    public Optional<string?> Recurrence { get; init; }

    /// <inheritdoc cref="TaskItem.RecurrenceBasis"/>
    public Optional<RecurrenceBasis> RecurrenceBasis { get; init; }

    /// <inheritdoc cref="TaskItem.ReminderOffset"/>
    [Characters(0, 50)]
    public Optional<string?> ReminderOffset { get; init; }

    /// <inheritdoc cref="TaskItem.Version"/>
    [Between(1, long.MaxValue), About("The version that was edited. Where others have changed the same fields since, the history records a conflict.")]
    public long? Version { get; init; }

    /// <inheritdoc/>
    public IEnumerable<FieldError> Check() => TaskFields.Check(TimeZone.Value, Recurrence.Value, ReminderOffset.Value);

    /// <summary>The fields that are named.</summary>
    internal TaskEdit ToEdit() => new()
    {
        Title = Title.Select(title => title.Trim()),
        Description = Description,
        Priority = Priority,
        Tags = Tags.Select(TaskFields.Distinct),
        DueDate = DueDate,
        TimeZone = TimeZone,
        Recurrence = Recurrence.Select(TaskFields.Recurrence),
        RecurrenceBasis = RecurrenceBasis,
        ReminderOffset = ReminderOffset,
    };
}
