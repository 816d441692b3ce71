using System.Collections.Concurrent;

namespace TodoFlow.Tests.Support;

/// <summary>What a host logs, for a test to await or to rule out.</summary>
public sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();
    private readonly SemaphoreSlim _added = new(0);

    /// <summary>The next line of a level; lines of other levels before it are passed over. Fails the test when none comes.</summary>
    public async Task<string> Next(LogLevel level)
    {
        while (true)
        {
            if (!await _added.WaitAsync(TimeSpan.FromMinutes(2)))
            {
                throw new TimeoutException($"Nothing is logged as {level}.");
            }

            if (_lines.TryDequeue(out var line) && line.Level == level)
            {
                return line.Text;
            }
        }
    }

    /// <summary>Whether a line of a level is there that was not awaited.</summary>
    public bool Any(LogLevel level) => _lines.Any(line => line.Level == level);

    /// <summary>Whether a line that was not awaited holds a text.</summary>
    public bool Any(string text) => _lines.Any(line => line.Text.Contains(text, StringComparison.Ordinal));

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this);

    /// <inheritdoc/>
    public void Dispose() => _added.Dispose();

    private sealed class Logger(LogLines lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            lines._lines.Enqueue((logLevel, formatter(state, exception)));
            lines._added.Release();
        }
    }
}
