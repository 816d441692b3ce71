using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>PUT /api/tasks/{id}: changes the fields that the body names; null clears one.</summary>
public sealed class UpdateTask(TaskStore tasks, TimeProvider clock)
{
    /// <summary>Returns 200 with the task. Without <c>If-Match</c> the last write wins, field by field.</summary>
    [Function(nameof(UpdateTask))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Body(typeof(UpdateTaskRequest))]
    [Returns<TaskResponse>(200, "ETag")]
    [Problems(403)]
    [RequestHeaders("If-Match")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/tasks/{id:guid}")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<UpdateTaskRequest>(ct);
        var edit = body.ToEdit();
        var now = clock.GetUtcNow();
        return Responses.Task(await tasks.Change(
            request.RouteId(),
            request.IfMatch(),
            [(task, _) => task.Update(edit, body.Version, now), (task, next) => task.SetStatus(body.Status, next, body.Version, now)],
            movesReminders: edit.MovesReminders || body.Status is not null,
            ct));
    }
}

/// <summary>The fields of a task that are to change.</summary>
public sealed record UpdateTaskRequest : IValidatableObject
{
    /// <inheritdoc cref="TaskItem.Title"/>
    [TextLength(500, MinimumLength = 1, Trimmed = true), NoControlCharacters, Example("Buy oat milk")]
    public Optional<string> Title { get; set; }

    /// <inheritdoc cref="TaskItem.Description"/>
    [Description("Up to 10,000 characters. Line breaks become line feeds; other control characters than tabs are left out."), TextLength(10_000, Cleaned = true)]
    public Optional<string?> Description { get; set; }

    /// <inheritdoc cref="TaskItem.Status"/>
    [Description("completed completes the task, pending reopens it.")]
    public TaskItemStatus? Status { get; set; }

    /// <inheritdoc cref="TaskItem.Priority"/>
    public Optional<TaskPriority> Priority { get; set; }

    /// <inheritdoc cref="TaskItem.Tags"/>
    [MaxLength(50), ItemLength(1, 50), NoControlCharacters]
    public Optional<string[]> Tags { get; set; }

    /// <inheritdoc cref="TaskItem.DueDate"/>
    [Description("An RFC 3339 instant, YYYY-MM-DD for an all-day task, or beside a time_zone a local time such as 2026-03-01T09:30:00.")]
    public Optional<WrittenDueDate?> DueDate { get; set; }

    /// <inheritdoc cref="TaskItem.TimeZone"/>
    [TimeZoneId]
    public Optional<string> TimeZone { get; set; }

    /// <inheritdoc cref="TaskItem.Recurrence"/>
    [TextLength(RecurrenceRule.MaxLength), Recurrence]
    public Optional<string?> Recurrence { get; set; }

    /// <inheritdoc cref="TaskItem.RecurrenceBasis"/>
    public Optional<RecurrenceBasis> RecurrenceBasis { get; set; }

    /// <inheritdoc cref="TaskItem.ReminderOffset"/>
    [TextLength(50), ReminderOffset]
    public Optional<string?> ReminderOffset { get; set; }

    /// <inheritdoc cref="TaskItem.Version"/>
    [Range(1, double.MaxValue), Description("The version that was edited. Where others have changed the same fields since, the history records a conflict.")]
    public long? Version { get; set; }

    /// <summary>The fields that are named.</summary>
    internal TaskEdit ToEdit()
    {
        var rule = TaskFields.Rule(Recurrence.Value);
        var zone = TaskFields.Zone(TimeZone.Value) ?? rule?.StartZone;
        return new()
        {
            Title = Title.Select(TaskFields.Title),
            Description = Description.Select(TaskFields.Description),
            Priority = Priority,
            Tags = Tags.Select(TaskFields.Distinct),
            DueDate = DueDate.Select(due => due?.In(TimeZoneInfo.FindSystemTimeZoneById(zone ?? "UTC"))), // a local time has its zone beside it
            TimeZone = zone is null ? default : new(zone),
            Recurrence = Recurrence.Select(_ => rule?.Text),
            Rule = rule,
            RecurrenceBasis = RecurrenceBasis,
            ReminderOffset = ReminderOffset,
        };
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        TaskFields.ZoneErrors(TimeZone.Value, Recurrence.Value, (nameof(DueDate), DueDate.Value));
}
