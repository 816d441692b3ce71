using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Reminders;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Tasks;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Functions.Reminders;

/// <summary>POST /api/reminders: plans one more reminder for a task.</summary>
public sealed class CreateReminder(ReminderStore reminders, IdempotentRequests requests)
{
    /// <summary>Returns 201 with the reminder. One whose instant has passed rings at once, marked late.</summary>
    [Function(nameof(CreateReminder))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Body(typeof(CreateReminderRequest))]
    [Returns<ReminderResponse>(201)]
    [Problems(403, 404, 409)]
    [RequestHeaders(IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/reminders")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () =>
        {
            var body = await request.ReadValid<CreateReminderRequest>(ct);
            return TypedResults.Created((string?)null, await reminders.Add(body.TaskId, body.ReminderOffset, body.RemindAt, ct));
        }, ct);
}

/// <summary>A new reminder: before the task's due date, or at an instant.</summary>
public sealed record CreateReminderRequest : IValidatableObject
{
    /// <inheritdoc cref="Reminder.TaskId"/>
    [Required]
    public Guid TaskId { get; set; }

    /// <inheritdoc cref="Reminder.ReminderOffset"/>
    [Description("How long before the due date to remind: \"15 minutes\", \"1 day\" or an ISO 8601 duration such as PT15M. The reminder moves with the due date.")]
    [TextLength(50), ReminderOffset, Example("15 minutes")]
    public string? ReminderOffset { get; set; }

    /// <inheritdoc cref="Reminder.RemindAt"/>
    [Description("The instant at which to remind, instead of an offset. It stays when the due date moves.")]
    public DateTimeOffset? RemindAt { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if ((ReminderOffset is null) == (RemindAt is null))
        {
            yield return new("is required, or the other of reminder_offset and remind_at, and not both", [nameof(ReminderOffset), nameof(RemindAt)]);
        }
    }
}
