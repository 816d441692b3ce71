namespace TodoFlow.Domain.Notifications;

/// <summary>When a delivery that did not succeed is tried again.</summary>
public static class DeliveryBackoff
{
    /// <summary>How many tries a delivery gets.</summary>
    public const int MaxAttempts = 10;

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
