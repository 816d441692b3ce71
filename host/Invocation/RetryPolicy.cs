using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace TodoFlow.Host.Invocation;

/// <summary>How often, and after which delays, a failed invocation is tried again.</summary>
/// <param name="MaxRetryCount">How often at most; -1 is for ever.</param>
/// <param name="MinimumInterval">The delay before the first retry; it doubles with each further one.</param>
/// <param name="MaximumInterval">The longest delay; equal to the minimum for a fixed delay.</param>
public sealed record RetryPolicy(int MaxRetryCount, TimeSpan MinimumInterval, TimeSpan MaximumInterval)
{
    /// <summary>A failure is final.</summary>
    public static RetryPolicy None { get; } = new(0, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>Whether there is another try after this many retries.</summary>
    public bool Allows(int retryCount) => MaxRetryCount < 0 || retryCount < MaxRetryCount;

    /// <summary>The delay before the next try.</summary>
    /// <param name="retryCount">How many retries there were already.</param>
    public TimeSpan Delay(int retryCount)
    {
        var factor = Math.Pow(2, Math.Min(retryCount, 62));
        return MinimumInterval.TotalSeconds * factor >= MaximumInterval.TotalSeconds ? MaximumInterval : MinimumInterval * factor;
    }

    /// <summary>The policy of a function's retry attribute; <see cref="None"/> without one.</summary>
    /// <exception cref="HostStartException">There are two, or an interval is not one.</exception>
    public static RetryPolicy Read(string function, MethodInfo method)
    {
        var fixedDelay = method.GetCustomAttribute<FixedDelayRetryAttribute>();
        var backoff = method.GetCustomAttribute<ExponentialBackoffRetryAttribute>();
        return (fixedDelay, backoff) switch
        {
            (null, null) => None,
            ({ } retry, null) => Create(function, retry.MaxRetryCount, retry.DelayInterval, retry.DelayInterval),
            (null, { } retry) => Create(function, retry.MaxRetryCount, retry.MinimumInterval, retry.MaximumInterval),
            _ => throw HostStartException.ForFunction(function, "has two retry attributes"),
        };
    }

    private static RetryPolicy Create(string function, int count, string minimum, string maximum)
    {
        if (count < -1)
        {
            throw HostStartException.ForFunction(function, $"is retried {count} times; it must be -1 (for ever), 0 or more");
        }

        var policy = new RetryPolicy(count, Interval(function, minimum), Interval(function, maximum));
        return policy.MinimumInterval <= policy.MaximumInterval
            ? policy
            : throw HostStartException.ForFunction(function, $"has the retry interval {minimum}, which is longer than its maximum {maximum}");
    }

    private static TimeSpan Interval(string function, string text) =>
        TimeSpan.TryParse(text, out var interval) && interval >= TimeSpan.Zero
            ? interval
            : throw HostStartException.ForFunction(function, $"has the retry interval '{text}'; it must be hh:mm:ss");
}
