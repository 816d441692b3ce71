using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>POST /api/tasks: adds a task for the caller and announces it.</summary>
public sealed class CreateTask(TaskStore tasks, IdempotentRequests requests, Caller caller)
{
    /// <summary>Answers 201 with the task; a repeat with the same id and body gets the task as it stands.</summary>
    [Function(nameof(CreateTask))]
    [Body<CreateTaskRequest>]
    [Returns<TaskResponse>(201, "ETag", "Location")]
    [Problems(409)]
    [Heeds(IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tasks")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () =>
        {
            var body = await request.ReadValid<CreateTaskRequest>(ct);
            var digest = body.Id is null ? null : SHA256.HashData((await request.ReadBody(ct)).Span);
            return Answers.CreatedTask(await tasks.Create(body.Id, body.ToEdit(caller.TimeZone), digest, ct));
        }, ct);
}

/// <summary>A new task.</summary>
public sealed record CreateTaskRequest : IChecked
{
    /// <summary>The task's id.</summary>
    [About("A UUID of the client's own, so that a repeated create is known as one. UUIDv7 is best.")]
    public Guid? Id { get; init; }

    /// <inheritdoc cref="TaskItem.Title"/>
    [Needed, Characters(1, 500, Trimmed = true), Example("Buy milk")]
    public string Title { get; init; } = "";

    /// <inheritdoc cref="TaskItem.Description"/>
    [Characters(0, 10_000)]
    public string? Description { get; init; }

    /// <inheritdoc cref="TaskItem.Priority"/>
    [Default("medium")]
    public TaskPriority? Priority { get; init; }

    /// <inheritdoc cref="TaskItem.Tags"/>
    [Texts(50, 50), Example("errands", "home")]
    public string[]? Tags { get; init; }

    /// <inheritdoc cref="TaskItem.DueDate"/>
    [About("An RFC 3339 instant, or YYYY-MM-DD for an all-day task.")]
    [Example("2026-03-01T09:30:00+01:00")]
    public DueDate? DueDate { get; init; }

    /// <inheritdoc cref="TaskItem.TimeZone"/>
    [About("An IANA time zone; by default that of the user."), Example("Europe/Berlin")]
    public string? TimeZone { get; init; }

    /// <inheritdoc cref="TaskItem.Recurrence"/>
    [About("none, daily, weekdays, weekly, monthly, yearly, or an RFC 5545 rule such as FREQ=WEEKLY;BYDAY=MO,TH.")]
    [Default("none"), Characters(0, 500), Example("weekly")]
    public string? Recurrence { get; init; }

    /// <inheritdoc cref="TaskItem.RecurrenceBasis"/>
    [Default("due")]
    public RecurrenceBasis? RecurrenceBasis { get; init; }

    /// <inheritdoc cref="TaskItem.ReminderOffset"/>
    [About("How long before the due date to remind: \"15 minutes\", \"1 day\" or an ISO 8601 duration such as PT15M; by default that of the user's preferences, null for no reminder.")]
    [Characters(0, 50), Example("15 minutes")]
    public Optional<string?> ReminderOffset { get; init; }

    /// <inheritdoc/>
    public IEnumerable<FieldError> Check() => TaskFields.Check(TimeZone, Recurrence, ReminderOffset.Value);

    /// <summary>The fields, in the user's zone unless they name another.</summary>
    /// <param name="timeZone">The user's zone.</param>
    internal TaskEdit ToEdit(string timeZone) => new()
    {
        Title = Title.Trim(),
        Description = Description,
        Priority = Priority ?? TaskPriority.Medium,
        Tags = TaskFields.Distinct(Tags ?? []),
        DueDate = DueDate,
        TimeZone = TimeZone ?? timeZone,
        Recurrence = TaskFields.Recurrence(Recurrence),
        RecurrenceBasis = RecurrenceBasis ?? default,
        ReminderOffset = ReminderOffset,
    };
}
