using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using TodoFlow.Messaging.DueWork;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Messaging.Kafka;

/// <summary>
/// Publishes the events of one shard. An event is sent when the one before it under the same topic and key is confirmed, and marked when it is
/// confirmed itself: order holds over every error, and what a crash leaves unmarked is sent again, which consumers know by its id. Other
/// keys go on meanwhile, also those whose events are written while one waits for its broker.
/// </summary>
/// <remarks>
/// One process at a time works on a shard, under a lock, so that nothing is sent twice; order needs no lock, since every process sends
/// the events of a key one after the other, from the first that is not marked. Whoever is kicked waits for the lock. Several events of a key
/// are never in flight, although the producer is idempotent: where a record fails for good, or by its timeout, librdkafka goes on
/// with those behind it (its INTRODUCTION.md, "Message timeout considerations" and "Standard errors"), and what was sent again would come after them.
/// </remarks>
internal sealed partial class ShardRelay(
    short shard, NpgsqlDataSource database, SemaphoreSlim locks, KafkaProducer producer, Topics topics, EventMetrics metrics, TimeProvider clock, ILogger log,
    CancellationToken confirmationsEnd)
    : DueQueue(clock, log)
{
    private const int Batch = 250;
    private const int MostInFlight = 1000;

    // Of those that were not confirmed in time: their broker may be gone, and the oldest are read first. However many wait for it, others are sent.
    private const int MostTriedAgain = 100;

    // Topics and keys that a read passes over.
    private const int MostPassedOver = 10_000;

    // Other processes do not say what they have written; where brokers are slow, they need not wait until all is confirmed.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    // Others may reach the brokers that this process does not.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    private readonly ILogger _logger = log;
    private readonly Channel<Sent> _sent = Channel.CreateUnbounded<Sent>();
    private readonly HashSet<string> _busy = []; // topics and keys: in flight, refused or late
    private readonly List<string> _refused = [];
    private readonly Queue<string> _late = []; // not confirmed in time
    private readonly HashSet<string> _triedAgain = []; // late ones that are in flight again
    private readonly List<Sent> _confirmed = []; // and not marked yet
    private int _inFlight;
    private int _failures;
    private DateTimeOffset _retryAt;

    /// <inheritdoc/>
    protected override async Task<DateTimeOffset?> DoWhatIsDue(CancellationToken ct)
    {
        await locks.WaitAsync(ct);
        try
        {
            return await WorkOff(ct);
        }
        finally
        {
            locks.Release();
        }
    }

    private async Task<DateTimeOffset?> WorkOff(CancellationToken ct)
    {
        FreeRefused();
        var again = FreeLate(ct);
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct); // it ends by a rollback: it has only the lock
        List<OutboxRow> rows;
        try
        {
            rows = await OutboxRow.LockAndRead(connection, shard, _busy.Union(_confirmed.Select(one => one.Key)), Free(ct), ct);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            Kick(); // whoever has it sends these events, too
            return null;
        }

        var heard = Clock.GetTimestamp();
        Send(rows, again, ct);
        while (_inFlight > 0 || _confirmed.Count > 0)
        {
            await ConfirmationOrNewWork();
            if (TakeSent())
            {
                heard = Clock.GetTimestamp();
            }
            else if (Clock.GetElapsedTime(heard) > LongestSilence)
            {
                Kick(); // behind whoever waits for the lock
                return null;
            }

            again = FreeLate(ct);
            Send(await MarkAndRead(ct), again, ct);
        }

        return _refused.Count > 0 ? _retryAt : null;
    }

    private void FreeRefused()
    {
        _busy.ExceptWith(_refused);
        _refused.Clear();
    }

    // It has waited in the producer, which sends as soon as the brokers answer, and waits there again.
    private HashSet<string> FreeLate(CancellationToken stopping)
    {
        var free = new HashSet<string>();
        for (var left = Math.Min(MostTriedAgain - _triedAgain.Count, Room(stopping)); left > 0 && _late.TryDequeue(out var key); left--)
        {
            _busy.Remove(key);
            free.Add(key);
        }

        return free;
    }

    private async Task ConfirmationOrNewWork()
    {
        using var enough = new CancellationTokenSource(LookAgain, Clock);
        await Task.WhenAny(_sent.Reader.WaitToReadAsync(enough.Token).AsTask(), Kicked(enough.Token));
        await enough.CancelAsync();
    }

    /// <returns>Whether brokers have confirmed anything.</returns>
    private bool TakeSent()
    {
        var any = false;
        while (_sent.Reader.TryRead(out var one))
        {
            _inFlight -= one.Rows;
            if (one.Confirmed.Count > 0)
            {
                any = true;
                _failures = 0;
                _confirmed.Add(one);
            }

            var wasLate = _triedAgain.Remove(one.Key);
            if (one.Last == ProduceOutcome.Confirmed)
            {
                _busy.Remove(one.Key);
                if (wasLate) // its broker answers again
                {
                    _busy.ExceptWith(_late);
                    _late.Clear();
                }

                continue;
            }

            if (one.Last == ProduceOutcome.Unconfirmed)
            {
                _late.Enqueue(one.Key);
                continue;
            }

            var now = Clock.GetUtcNow();
            _retryAt = now < _retryAt ? _retryAt : now + Backoff(_failures++); // other keys' events make rounds that come sooner
            _refused.Add(one.Key);
        }

        return any;
    }

    private async Task<List<OutboxRow>> MarkAndRead(CancellationToken stopping)
    {
        if (_refused.Count > 0 && Clock.GetUtcNow() >= _retryAt)
        {
            FreeRefused();
        }

        if (_confirmed.Count == 0 && Free(stopping) == 0)
        {
            return [];
        }

        var rows = await OutboxRow.MarkAndRead(database, shard, _confirmed.SelectMany(one => one.Confirmed), _busy, Free(stopping), Clock.GetUtcNow());
        _confirmed.Clear();
        return rows;
    }

    private int Free(CancellationToken stopping) => _busy.Count < MostPassedOver ? Room(stopping) : 0;

    private int Room(CancellationToken stopping) => stopping.IsCancellationRequested ? 0 : Math.Clamp(MostInFlight - _inFlight, 0, Batch);

    private void Send(List<OutboxRow> rows, HashSet<string> again, CancellationToken stopping)
    {
        _inFlight += rows.Count;
        foreach (var sameKey in rows.GroupBy(row => row.TopicAndKey))
        {
            _busy.Add(sameKey.Key);
            if (again.Contains(sameKey.Key))
            {
                _triedAgain.Add(sameKey.Key);
            }

            _ = SendInOrder(sameKey.Key, [.. sameKey], stopping);
        }
    }

    private async Task SendInOrder(string key, List<OutboxRow> rows, CancellationToken stopping)
    {
        var done = new List<long>(rows.Count);
        var last = ProduceOutcome.Confirmed;
        try
        {
            foreach (var row in rows.TakeWhile(_ => last == ProduceOutcome.Confirmed && !stopping.IsCancellationRequested))
            {
                using var send = EventTelemetry.StartSend("kafka", row.Topic, row.Payload, Clock.GetUtcNow());
                last = await producer.TryProduce(topics.ToBroker(row.Topic), row.ToMessage(), confirmationsEnd);
                metrics.Sent(row.Topic, 1, last == ProduceOutcome.Confirmed);
                if (last == ProduceOutcome.Confirmed)
                {
                    done.Add(row.Position);
                }
                else
                {
                    send?.SetStatus(ActivityStatusCode.Error, "unconfirmed");
                }
            }
        }
        catch (Exception error) // nobody would hear of the key again
        {
            last = ProduceOutcome.Refused;
            LogNotSent(error, key);
        }

        _sent.Writer.TryWrite(new Sent(key, rows.Count, done, last));
    }

    // What became of the events of a key that were sent together, one after the other: the positions of those that were confirmed, and
    // what ended it.
    private sealed record Sent(string Key, int Rows, List<long> Confirmed, ProduceOutcome Last);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The events of {Key} cannot be sent; it is tried again")]
    private partial void LogNotSent(Exception error, string key);
}
