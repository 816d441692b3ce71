using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Functions.Reminders;

/// <summary>POST /api/reminders/{id}/snooze: lets a reminder ring later; one that has rung rings again.</summary>
public sealed class SnoozeReminder(ReminderStore reminders, IdempotentRequests requests, TimeProvider clock)
{
    /// <summary>Returns 200 with the reminder, which waits again.</summary>
    [Function(nameof(SnoozeReminder))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Body(typeof(SnoozeReminderRequest))]
    [Returns<ReminderResponse>(200)]
    [Problems(409)]
    [RequestHeaders(IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/reminders/{id:guid}/snooze")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () =>
        {
            var body = await request.ReadValid<SnoozeReminderRequest>(ct);
            return TypedResults.Ok(await reminders.Snooze(request.RouteId(), body.Instant(clock.GetUtcNow()), ct));
        }, ct);
}

/// <summary>How long a reminder is put off.</summary>
public sealed record SnoozeReminderRequest : IValidatableObject
{
    private const int MaxMinutes = 365 * 24 * 60;

    /// <summary>For how many minutes from now.</summary>
    [Range(1, MaxMinutes), Example(10)]
    public int? Minutes { get; set; }

    /// <summary>Until which instant, instead: in the future, within 365 days.</summary>
    public DateTimeOffset? Until { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if ((Minutes is null) == (Until is null))
        {
            yield return new("is required, or the other of minutes and until, and not both", [nameof(Minutes), nameof(Until)]);
        }
    }

    /// <summary>The instant that is meant.</summary>
    /// <exception cref="ProblemException">400: it is not in the future, or too far in it.</exception>
    internal DateTimeOffset Instant(DateTimeOffset now)
    {
        var until = Until ?? now.AddMinutes(Minutes!.Value);
        return until > now && until <= now.AddMinutes(MaxMinutes)
            ? until
            : throw Problem.Invalid("until", "must be in the future, within 365 days").AsException();
    }
}
