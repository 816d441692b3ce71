namespace TodoFlow.Host.Configuration;

/// <summary>
/// The host refuses to start: a function or a setting is wrong. The message is one line that names it; the command
/// prints that line and no stack trace.
/// </summary>
public sealed class HostStartException : Exception
{
    /// <summary>A reason to refuse, one line.</summary>
    public HostStartException(string message) : base(message)
    {
    }

    /// <summary>A reason to refuse, one line, and what it comes from.</summary>
    public HostStartException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>A function that cannot be hosted.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="reason">What is wrong, reading on from the function's name.</param>
    public static HostStartException ForFunction(string function, string reason) => new($"Function '{function}' {reason}.");
}
