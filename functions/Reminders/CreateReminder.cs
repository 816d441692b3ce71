using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Reminders;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Functions.Reminders;

/// <summary>POST /api/reminders: plans one more reminder for a task.</summary>
public sealed class CreateReminder(ReminderStore reminders, IdempotentRequests requests)
{
    /// <summary>Answers 201 with the reminder. One whose instant has passed rings at once, marked late.</summary>
    [Function(nameof(CreateReminder))]
    [Body<CreateReminderRequest>]
    [Returns<ReminderResponse>(201)]
    [Problems(404, 409)]
    [Heeds(IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/reminders")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () =>
        {
            var body = await request.ReadValid<CreateReminderRequest>(ct);
            return Answers.CreatedReminder(await reminders.Add(body.TaskId, body.ReminderOffset, body.RemindAt, ct));
        }, ct);
}

/// <summary>A new reminder: before the task's due date, or at an instant.</summary>
public sealed record CreateReminderRequest : IChecked
{
    /// <inheritdoc cref="Reminder.TaskId"/>
    [Needed]
    public Guid TaskId { get; init; }

    /// <inheritdoc cref="Reminder.ReminderOffset"/>
    [About("How long before the due date to remind: \"15 minutes\", \"1 day\" or an ISO 8601 duration such as PT15M. The reminder moves with the due date.")]
    [Characters(0, 50), Example("15 minutes")]
    public string? ReminderOffset { get; init; }

    /// <inheritdoc cref="Reminder.RemindAt"/>
    [About("The instant at which to remind, instead of an offset. It stays when the due date moves.")]
    public DateTimeOffset? RemindAt { get; init; }

    /// <inheritdoc/>
    public IEnumerable<FieldError> Check()
    {
        if ((ReminderOffset is null) == (RemindAt is null))
        {
            const string One = "is needed, or the other of reminder_offset and remind_at, and not both";
            yield return new("reminder_offset", One);
            yield return new("remind_at", One);
        }
        else if (ReminderOffset is not null && !TodoFlow.Domain.Reminders.ReminderOffset.TryParse(ReminderOffset, out _))
        {
            yield return new("reminder_offset", $"must be {TodoFlow.Domain.Reminders.ReminderOffset.Expected}");
        }
    }
}
