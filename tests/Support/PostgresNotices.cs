namespace TodoFlow.Tests.Support;

/// <summary>The notices of PostgreSQL, such as the plans of auto_explain: Npgsql hands those of pooled connections to nobody, but logs them.</summary>
internal sealed class PostgresNotices(Action<string> collect) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        collect(formatter(state, exception));
}
