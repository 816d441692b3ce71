namespace TodoFlow.Domain.Notifications;

/// <summary>What became of a delivery.</summary>
/// <remarks>Stored as its number.</remarks>
public enum DeliveryStatus
{
    /// <summary>It waits for a try, or is being tried.</summary>
    Pending = 0,

    /// <summary>It waits for the end of the user's quiet hours.</summary>
    Deferred = 1,

    /// <summary>The channel took it.</summary>
    Sent = 2,

    /// <summary>It is given up.</summary>
    Failed = 3,

    /// <summary>Another delivery, of the same user and channel, says what it would have said.</summary>
    Collapsed = 4,

    /// <summary>Its notification was withdrawn before it was sent.</summary>
    Cancelled = 5,
}

/// <summary>One notification on its way over one channel.</summary>
public sealed class Delivery
{
    /// <summary>UUIDv7. Channels derive from it what makes a repeat recognisable.</summary>
    public required Guid Id { get; init; }

    /// <summary>The notification.</summary>
    public required Guid NotificationId { get; init; }

    /// <summary>Whose it is.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The channel's name (<see cref="Channels"/>).</summary>
    public required string Channel { get; init; }

    /// <summary>What became of it.</summary>
    public required DeliveryStatus Status { get; set; }

    /// <summary>When the queue takes it up, UTC; null where it never will. A try moves it by the lease, and so does a crash in the middle of one.</summary>
    public required DateTimeOffset? DueAt { get; set; }

    /// <summary>How many tries were begun. It tells the latest try from those that lost their lease.</summary>
    public int Attempts { get; set; }

    /// <summary>Why it failed, or why the last try did, in a stable word or a channel's own code.</summary>
    public string? Reason { get; set; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When quiet hours deferred it, UTC.</summary>
    public DateTimeOffset? DeferredAt { get; set; }

    /// <summary>Until when they did, UTC.</summary>
    public DateTimeOffset? DeferredUntil { get; set; }

    /// <summary>The delivery that speaks for it, where it was collapsed.</summary>
    public Guid? CollapsedInto { get; set; }

    /// <summary>When it was sent, given up, collapsed or cancelled, UTC.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The span that left it to the queue, in whose trace it is tried (W3C's <c>traceparent</c>); null where traces are not exported.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>One try to deliver.</summary>
public sealed class DeliveryAttempt
{
    /// <summary>The delivery.</summary>
    public required Guid DeliveryId { get; init; }

    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, UTC; null while it lasts, and where its process died.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary><c>sent</c>, <c>retry</c> or <c>failed</c>; null until it ended.</summary>
    public string? Outcome { get; set; }

    /// <summary>Why it did not succeed, without personal text.</summary>
    public string? Reason { get; set; }
}

/// <summary>When a delivery that did not succeed is tried again.</summary>
public static class DeliveryBackoff
{
    /// <summary>How many tries a delivery gets, within four hours: what is sent to may be away for as long as a night's maintenance.</summary>
    public const int MaxAttempts = 16;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestAsked = TimeSpan.FromDays(1);

    /// <summary>How long to wait after a try: a second after the first, doubling up to an hour, or longer where the other side asks for it, up to a day.</summary>
    /// <param name="attempt">The try that did not succeed, from 1.</param>
    /// <param name="asked">How long the other side asks to wait at least.</param>
    public static TimeSpan After(int attempt, TimeSpan? asked)
    {
        var own = attempt > 12 ? Longest : TimeSpan.FromTicks(Math.Min(First.Ticks << (attempt - 1), Longest.Ticks));
        var other = asked is { } wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        other = other < LongestAsked ? other : LongestAsked;
        return own > other ? own : other;
    }
}
