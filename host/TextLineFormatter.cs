using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Host;

/// <summary>Writes a log entry for people at a terminal: one line, with the exception's own lines below it.</summary>
internal sealed class TextLineFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    /// <summary>The formatter's name.</summary>
    public const string FormatterName = "todoflow-text";

    private readonly bool _colours = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is not { Length: > 0 }; // no-color.org

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var level = LogLevels.Name(logEntry.LogLevel);
        textWriter.Write($"{clock.GetLocalNow():HH:mm:ss.fff} ");
        textWriter.Write(_colours && Colour(logEntry.LogLevel) is { } colour ? $"\e[{colour}m{level,-11}\e[0m " : $"{level,-11} ");
        textWriter.Write($"{logEntry.Category[(logEntry.Category.LastIndexOf('.') + 1)..]}: ");
        textWriter.Write(logEntry.Formatter(logEntry.State, logEntry.Exception).ReplaceLineEndings(" "));
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
        {
            textWriter.Write($" trace={activity.TraceId.ToHexString()}");
        }

        if (Correlation.Id is { Length: > 0 } correlationId)
        {
            textWriter.Write($" correlation={correlationId}");
        }

        textWriter.WriteLine();
        if (logEntry.Exception is { } error)
        {
            textWriter.WriteLine(error);
        }
    }

    private static string? Colour(LogLevel level) => level switch
    {
        LogLevel.Critical or LogLevel.Error => "31",
        LogLevel.Warning => "33",
        LogLevel.Information => "32",
        _ => null,
    };
}

/// <summary>The levels as lines name them.</summary>
internal static class LogLevels
{
    /// <summary>In lower case, as most collectors of logs expect.</summary>
    public static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "information",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
