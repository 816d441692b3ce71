namespace Microsoft.Azure.Functions.Worker;

/// <summary>Retries a failed invocation after a fixed delay.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FixedDelayRetryAttribute(int maxRetryCount, string delayInterval) : Attribute
{
    /// <summary>How often at most; -1 is for ever.</summary>
    public int MaxRetryCount { get; } = maxRetryCount;

    /// <summary>The delay, <c>hh:mm:ss</c>.</summary>
    public string DelayInterval { get; } = delayInterval;
}

/// <summary>Retries a failed invocation after a delay that doubles from the minimum to the maximum.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ExponentialBackoffRetryAttribute(int maxRetryCount, string minimumInterval, string maximumInterval) : Attribute
{
    /// <summary>How often at most; -1 is for ever.</summary>
    public int MaxRetryCount { get; } = maxRetryCount;

    /// <summary>The shortest delay, <c>hh:mm:ss</c>.</summary>
    public string MinimumInterval { get; } = minimumInterval;

    /// <summary>The longest delay, <c>hh:mm:ss</c>.</summary>
    public string MaximumInterval { get; } = maximumInterval;
}
