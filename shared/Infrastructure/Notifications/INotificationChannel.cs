using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>
/// A way to reach users through somebody else's server. It is registered only where it is configured; what is not registered is not
/// offered. Singletons, used by many at once.
/// </summary>
public interface INotificationChannel
{
    /// <summary>Its name in preferences and traces, snake_case.</summary>
    string Name { get; }

    /// <summary>
    /// Which of some users it can reach at all: those with an address, or a device. For the others no delivery is made.
    /// </summary>
    /// <param name="db">The unit of work to ask in.</param>
    /// <param name="users">The users.</param>
    /// <param name="ct">Ends the question.</param>
    Task<IReadOnlySet<Guid>> FindReachable(TodoFlowDb db, IReadOnlyCollection<Guid> users, CancellationToken ct);

    /// <summary>
    /// Tries once to deliver. It may be asked again for the same delivery after a crash: what it sends tells a repeat by
    /// <see cref="DeliveryMessage.DeliveryId"/>.
    /// </summary>
    /// <param name="message">What to say, and to whom.</param>
    /// <param name="ct">Ends the try: <c>Notifications:SendTimeout</c> is over, or the process stops.</param>
    /// <returns>What came of it. What it throws counts as <see cref="DeliveryOutcome.Retry"/>.</returns>
    Task<DeliveryOutcome> Send(DeliveryMessage message, CancellationToken ct);
}

/// <summary>What a channel is to say, and to whom.</summary>
public sealed record DeliveryMessage
{
    /// <summary>The delivery: the same for each of its tries.</summary>
    public required Guid DeliveryId { get; init; }

    /// <summary>Whom to reach.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The notification; of a summary the first one.</summary>
    public required Guid NotificationId { get; init; }

    /// <summary>The task that it is about; of a summary the first one's.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>The reminder that it comes from; of a summary the first one's.</summary>
    public required Guid? ReminderId { get; init; }

    /// <summary>What to show first, in one line. What a user typed: escape it.</summary>
    public required string Title { get; init; }

    /// <summary>The text below it; of a summary one line for each of the first tasks. What a user typed: escape it.</summary>
    public required string Body { get; init; }

    /// <summary>How many notifications it speaks for: more than one after quiet hours.</summary>
    public required int Count { get; init; }

    /// <summary>The instant that the reminder was set to, UTC.</summary>
    public required DateTimeOffset? RemindAt { get; init; }

    /// <summary>Whether the reminder fired noticeably after its instant.</summary>
    public required bool Late { get; init; }

    /// <summary>When the notification was made, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Which try this is, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>What to open for it: the task, for a summary the application itself; null where the application's address is not known.</summary>
    /// <param name="app"><c>Notifications:AppUrl</c>.</param>
    public string? Link(Uri? app) => app is null ? null : Count > 1 ? app.AbsoluteUri : $"{app.AbsoluteUri.TrimEnd('/')}/tasks/{TaskId}";
}

/// <summary>What came of a try to deliver.</summary>
/// <param name="Result">The outcome.</param>
/// <param name="Reason">Why it did not succeed: a stable word, or a code of the other side's such as <c>smtp_421</c>. No personal text.</param>
/// <param name="RetryAfter">How long the other side asks to wait at least.</param>
public readonly record struct DeliveryOutcome(DeliveryResult Result, string? Reason, TimeSpan? RetryAfter)
{
    /// <summary>The result as it is stored, measured and traced: <c>sent</c>, <c>retry</c>, <c>cancelled</c> or <c>failed</c>.</summary>
    public string Word => Result switch
    {
        DeliveryResult.Sent => "sent",
        DeliveryResult.Retry => "retry",
        DeliveryResult.Cancelled => "cancelled",
        _ => "failed",
    };

    /// <summary>The other side took it.</summary>
    public static DeliveryOutcome Sent { get; } = new(DeliveryResult.Sent, null, null);

    /// <summary>It may succeed later.</summary>
    public static DeliveryOutcome Retry(string reason, TimeSpan? after = null) => new(DeliveryResult.Retry, reason, after);

    /// <summary>It was not tried: there is nothing to tell any more.</summary>
    public static DeliveryOutcome Cancelled(string reason) => new(DeliveryResult.Cancelled, reason, null);

    /// <summary>It never will.</summary>
    public static DeliveryOutcome Failed(string reason) => new(DeliveryResult.Failed, reason, null);
}

/// <summary>The outcomes of a try.</summary>
public enum DeliveryResult
{
    /// <summary>The other side took it.</summary>
    Sent,

    /// <summary>It may succeed later.</summary>
    Retry,

    /// <summary>It was not tried: there is nothing to tell any more.</summary>
    Cancelled,

    /// <summary>It never will.</summary>
    Failed,
}
