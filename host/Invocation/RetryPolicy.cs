using System.Globalization;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Configuration;

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
    /// <exception cref="HostStartException">There are two, or one has a value that is not valid.</exception>
    public static RetryPolicy Read(string function, MethodInfo method)
    {
        try
        {
            return Read(function, method.GetCustomAttribute<FixedDelayRetryAttribute>(), method.GetCustomAttribute<ExponentialBackoffRetryAttribute>());
        }
        catch (ArgumentException error) // the attributes check their own values
        {
            throw HostStartException.ForFunction(function, $"has a retry attribute whose {error.ParamName} is not valid");
        }
    }

    private static RetryPolicy Read(string function, FixedDelayRetryAttribute? fixedDelay, ExponentialBackoffRetryAttribute? backoff) =>
        (fixedDelay, backoff) switch
        {
            (null, null) => None,
            ({ } retry, null) => Create(function, retry.MaxRetryCount, retry.DelayInterval, retry.DelayInterval),
            (null, { } retry) => Create(function, retry.MaxRetryCount, retry.MinimumInterval, retry.MaximumInterval),
            _ => throw HostStartException.ForFunction(function, "has two retry attributes"),
        };

    private static RetryPolicy Create(string function, int count, string minimum, string maximum)
    {
        if (count < -1)
        {
            throw HostStartException.ForFunction(function, $"is retried {count} times; it must be -1 (for ever), 0 or more");
        }

        var policy = new RetryPolicy(count, TimeSpan.Parse(minimum, CultureInfo.InvariantCulture), TimeSpan.Parse(maximum, CultureInfo.InvariantCulture));
        return policy.MinimumInterval <= policy.MaximumInterval
            ? policy
            : throw HostStartException.ForFunction(function, $"has the retry interval {minimum}, which is longer than its maximum {maximum}");
    }
}
