using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>POST /api/tasks: adds a task for the caller.</summary>
public sealed class CreateTask(TaskStore tasks, IdempotentRequests requests, Caller caller)
{
    /// <summary>Returns 201 with the task; a repeat with the same id and body gets the task as it stands.</summary>
    [Function(nameof(CreateTask))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Body(typeof(CreateTaskRequest))]
    [Returns<TaskResponse>(201, "ETag", "Location")]
    [Problems(403, 409)]
    [RequestHeaders(IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tasks")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () =>
        {
            var body = await request.ReadValid<CreateTaskRequest>(ct);
            var digest = body.Id is null ? null : SHA256.HashData((await request.ReadBody(ct)).Span);
            var created = await tasks.Create(body.Id, body.ToEdit(caller.TimeZone), digest, ct);
            return TypedResults.Created($"/api/tasks/{created.Id}", created).WithETag(created.Version);
        }, ct);
}

/// <summary>A new task.</summary>
public sealed record CreateTaskRequest : IValidatableObject
{
    /// <summary>The task's id.</summary>
    [Description("A UUID of the client's own, so that a repeated create is known as one. UUIDv7 is best; version 8 is refused."), ClientId]
    public Guid? Id { get; set; }

    /// <inheritdoc cref="TaskItem.Title"/>
    [Required, TextLength(500, MinimumLength = 1, Trimmed = true), NoControlCharacters, Example("Buy milk")]
    public string Title { get; set; } = "";

    /// <inheritdoc cref="TaskItem.Description"/>
    [Description("Up to 10,000 characters. Line breaks become line feeds; other control characters than tabs are left out."), TextLength(10_000, Cleaned = true)]
    public string? Description { get; set; }

    /// <inheritdoc cref="TaskItem.Priority"/>
    [DefaultValue("medium")]
    public TaskPriority? Priority { get; set; }

    /// <inheritdoc cref="TaskItem.Tags"/>
    [MaxLength(50), ItemLength(1, 50), NoControlCharacters, Example("errands", "home")]
    public string[]? Tags { get; set; }

    /// <inheritdoc cref="TaskItem.DueDate"/>
    [Description("An RFC 3339 instant, YYYY-MM-DD for an all-day task, or beside a time_zone a local time such as 2026-03-01T09:30:00; by default the DTSTART of the recurrence.")]
    [Example("2026-03-01T09:30:00+01:00")]
    public WrittenDueDate? DueDate { get; set; }

    /// <inheritdoc cref="TaskItem.TimeZone"/>
    [TimeZoneId, Description("An IANA time zone; by default that of the user."), Example("Europe/Berlin")]
    public string? TimeZone { get; set; }

    /// <inheritdoc cref="TaskItem.Recurrence"/>
    [Description("none, daily, weekdays, weekly, monthly, yearly, or an RFC 5545 rule such as FREQ=WEEKLY;BYDAY=MO,TH; with it, in lines of their own, DTSTART and EXDATE.")]
    [DefaultValue("none"), TextLength(RecurrenceRule.MaxLength), Recurrence, Example("weekly")]
    public string? Recurrence { get; set; }

    /// <inheritdoc cref="TaskItem.RecurrenceBasis"/>
    [DefaultValue("due")]
    public RecurrenceBasis? RecurrenceBasis { get; set; }

    /// <inheritdoc cref="TaskItem.ReminderOffset"/>
    [Description("How long before the due date to remind: \"15 minutes\", \"1 day\" or an ISO 8601 duration such as PT15M; by default that of the user's preferences, null for no reminder.")]
    [TextLength(50), ReminderOffset, Example("15 minutes")]
    public Optional<string?> ReminderOffset { get; set; }

    /// <summary>The fields, in the user's zone unless they name another.</summary>
    /// <param name="timeZone">The user's zone.</param>
    internal TaskEdit ToEdit(string timeZone)
    {
        var rule = TaskFields.Rule(Recurrence);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(TaskFields.Zone(TimeZone) ?? rule?.StartZone ?? timeZone);
        var due = DueDate ?? (rule?.StartIn(zone) is { } start ? WrittenDueDate.Of(start) : null);
        return new()
        {
            Title = TaskFields.Title(Title),
            Description = TaskFields.Description(Description),
            Priority = Priority ?? TaskPriority.Medium,
            Tags = TaskFields.Distinct(Tags ?? []),
            DueDate = due?.In(zone),
            TimeZone = zone.Id,
            Recurrence = rule?.Text,
            Rule = rule,
            RecurrenceBasis = RecurrenceBasis ?? default,
            ReminderOffset = ReminderOffset,
        };
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        TaskFields.ZoneErrors(TimeZone, Recurrence, (nameof(DueDate), DueDate));
}
