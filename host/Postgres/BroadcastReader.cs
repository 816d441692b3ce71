using System.Threading.Channels;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Invocation;
using TodoFlow.Host.Realtime;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Host.Postgres;

/// <summary>
/// Feeds one function with every record of a topic, from where the log ended when the host started. Its place is kept in memory alone:
/// nothing is shared with other hosts, and a host that is gone leaves nothing behind. After the connection was lost it reads its last
/// seconds again: a server that crashed may have forgotten the log's end, and number other events so (<see cref="AsynchronousCommit"/>).
/// </summary>
internal sealed partial class BroadcastReader(
    HostedFunction function, string topic, EventLog log, int maxBatchSize, RecordInvoker invoker, HubGate gate, TimeProvider clock, ILogger logger)
{
    private const long Nowhere = -1;

    // A multiple of the time within which PostgreSQL writes what was committed asynchronously: three times wal_writer_delay, 0.2 s.
    private static readonly TimeSpan SurelyWritten = TimeSpan.FromSeconds(3);

    private readonly string _topicName = ((KafkaTrigger)function.Trigger).Topic;
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _place = Nowhere;
    private (long Place, long At) _recent;
    private long _written;
    private int _lost;
    private bool _failing;

    /// <summary>The topic.</summary>
    public string Topic => topic;

    /// <summary>Finds where the log ends; a later call says that the connection was lost meanwhile.</summary>
    public async Task Begin(CancellationToken ct)
    {
        if (Volatile.Read(ref _place) == Nowhere)
        {
            _written = await log.End(topic, ct);
            _recent = (_written, clock.GetTimestamp());
            Volatile.Write(ref _place, _written);
            gate.ReaderStarted();
        }
        else
        {
            Volatile.Write(ref _lost, 1);
        }
    }

    /// <summary>Says that there may be something new. Returns at once.</summary>
    public void Wake() => _wakes.Writer.TryWrite(true);

    /// <summary>Reads until the host stops; then finishes what is in flight.</summary>
    public async Task Run(CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            while (await _wakes.Reader.ReadAsync(stopping))
            {
                await ReadOn(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops; nothing is in flight any more.
        }
    }

    private async Task ReadOn(CancellationToken stopping)
    {
        try
        {
            if (Interlocked.Exchange(ref _lost, 0) == 1)
            {
                Volatile.Write(ref _place, _written);
            }

            // Before Begin there is nothing that could be read; it is followed by a wake.
            while (Volatile.Read(ref _place) is not Nowhere and var place
                && await log.ReadAfter(topic, _topicName, place, maxBatchSize, stopping) is { Count: > 0 } records)
            {
                var done = await invoker.Run(function, records, stopping);
                if (done > 0)
                {
                    MoveTo(records[done - 1].Offset);
                }

                if (done < records.Count)
                {
                    return; // the host stops
                }
            }

            if (_failing)
            {
                LogRecovered(function.Name);
            }

            _failing = false;
        }
        catch (Exception error) when (error is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            // The sweep wakes it again.
            if (!_failing)
            {
                LogFailed(error, function.Name);
            }

            _failing = true;
        }
    }

    private void MoveTo(long place)
    {
        Volatile.Write(ref _place, place);
        if (clock.GetElapsedTime(_recent.At) > SurelyWritten)
        {
            _written = _recent.Place;
            _recent = (place, clock.GetTimestamp());
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Function} cannot read its events; it tries again")]
    private partial void LogFailed(Exception error, string function);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Function} reads its events again")]
    private partial void LogRecovered(string function);
}
