using Confluent.Kafka;
using TodoFlow.Messaging.Kafka;

namespace TodoFlow.Host.Kafka;

/// <summary>
/// Says once that brokers cannot be used, and once that they can again: each client of the library reports each of its brokers, for
/// as long as it takes. What librdkafka says goes to the log without being asked only where it is an error of the client itself.
/// </summary>
internal sealed partial class KafkaOutages(BrokerErrors errors, TimeProvider clock, ILogger<KafkaOutages> logger)
{
    // An outage whose end nobody noticed, because no event came by, does not keep the next one from being told.
    private static readonly TimeSpan SayAgain = TimeSpan.FromMinutes(5);

    private readonly Lock _sync = new();
    private DateTimeOffset? _told;
    private string? _cause;

    /// <summary>Something cannot be done for now; it is tried again.</summary>
    public void Failed(string brokers, Error error)
    {
        // One broker of several, and a connection that was idle for long, are the library's own business.
        var ofOneBroker = error.Code is ErrorCode.Local_Transport or ErrorCode.Local_Resolve or ErrorCode.Local_TimedOut or ErrorCode.Local_MaxPollExceeded;
        var cause = errors.Add(error) ?? errors.Cause;
        if (!ofOneBroker && Begins(cause))
        {
            LogFailed(brokers, cause is null ? "" : $"{cause} ", error.Code, error.Reason);
        }
        else
        {
            LogStillFailing(error.Code, error.Reason);
        }
    }

    /// <summary>The brokers answer.</summary>
    public void Ended()
    {
        if (_told is null)
        {
            return;
        }

        lock (_sync)
        {
            _told = null;
            _cause = null;
        }

        errors.Clear();
        LogEnded();
    }

    /// <summary>A line of the library's own log.</summary>
    public void Add(LogMessage line)
    {
        if (line.Level <= SyslogLevel.Critical)
        {
            LogLibraryError(line.Facility, line.Message);
        }
        else
        {
            LogLibrary(line.Facility, line.Message);
        }
    }

    // That no broker answers is often told before the reason why: the reason is told, too.
    private bool Begins(string? cause)
    {
        lock (_sync)
        {
            var now = clock.GetUtcNow();
            if (_told is { } told && now - told < SayAgain && (cause is null || cause == _cause))
            {
                return false;
            }

            _told = now;
            _cause = cause ?? _cause;
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Kafka at {Brokers} cannot be used: {Cause}{Code}, {Reason}. Functions with a KafkaTrigger wait; it is tried again")]
    private partial void LogFailed(string brokers, string cause, ErrorCode code, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Kafka: {Code}, {Reason}")]
    private partial void LogStillFailing(ErrorCode code, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Kafka can be used again")]
    private partial void LogEnded();

    [LoggerMessage(Level = LogLevel.Error, Message = "librdkafka {Facility}: {Text}")]
    private partial void LogLibraryError(string facility, string text);

    [LoggerMessage(Level = LogLevel.Debug, Message = "librdkafka {Facility}: {Text}")]
    private partial void LogLibrary(string facility, string text);
}
