using TodoFlow.Domain.Problems;

namespace TodoFlow.Infrastructure.Assistant.Models;

/// <summary>The model's endpoint did not serve.</summary>
/// <param name="outcome">What happened, for metrics: <c>busy</c>, <c>timeout</c>, <c>refused</c>, <c>unavailable</c> or <c>broken</c>.</param>
/// <param name="problem">What the client is told.</param>
/// <param name="cause">What it was noticed by.</param>
public sealed class ModelFailureException(string outcome, Problem problem, Exception? cause = null) : Exception(problem.Detail, cause)
{
    /// <summary>What happened, for metrics.</summary>
    public string Outcome { get; } = outcome;

    /// <summary>What the client is told.</summary>
    public Problem Problem { get; } = problem;

    /// <summary>It asked to come back later.</summary>
    public static ModelFailureException Busy(TimeSpan? wait) => new("busy", new(503, "chat_provider_busy", "The language model has too much to do. Try again later.")
    {
        RetryAfter = wait ?? TimeSpan.FromSeconds(10),
    });

    /// <summary>It took too long.</summary>
    public static ModelFailureException TimedOut(Exception cause) =>
        new("timeout", new(504, "chat_provider_timeout", "The language model took too long."), cause);

    /// <summary>It did not take the request: the settings are wrong, or the model is not what it is taken for.</summary>
    public static ModelFailureException Refused(int status) =>
        new("refused", new(502, "chat_provider_failed", "The language model did not take the request."), new HttpRequestException($"It responded with {status}."));

    /// <summary>It cannot be reached, or failed itself.</summary>
    public static ModelFailureException Unavailable(Exception? cause) =>
        new("unavailable", new(502, "chat_provider_failed", "The language model cannot be reached, or failed."), cause);

    /// <summary>Its response ended too early, or cannot be read.</summary>
    public static ModelFailureException Broken(Exception? cause) =>
        new("broken", new(502, "chat_provider_failed", "The response of the language model broke off, or cannot be read."), cause);
}
