using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TodoFlow.Messaging.Kafka;

/// <summary>
/// The process' producer: idempotent, confirmed by all replicas in sync. It connects when it is first used, and is replaced when
/// the library gives it up.
/// </summary>
public sealed partial class KafkaProducer(IOptions<KafkaSettings> settings, BrokerErrors errors, ILogger<KafkaProducer> log) : IDisposable
{
    private const string Anything = "any topic";

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly Lock _sync = new();
    private Client? _current;
    private readonly HashSet<string> _failing = [];

    /// <summary>Sends a record, and waits until it is confirmed.</summary>
    /// <param name="topic">The topic's name on the brokers.</param>
    /// <param name="message">The record.</param>
    /// <param name="ct">Ends the wait; the record is on its way, and may arrive.</param>
    /// <returns>What became of it; where it is not confirmed, the reason is logged, once per outage.</returns>
    public async Task<ProduceOutcome> TryProduce(string topic, Message<string, byte[]> message, CancellationToken ct)
    {
        var client = Current();
        try
        {
            await client.Producer.ProduceAsync(topic, message, ct).WaitAsync(client.Replaced.Token);
            client.Works = true;
            if (SetFailing(topic, false) | SetFailing(Anything, false))
            {
                LogRecovered(topic);
            }

            return ProduceOutcome.Confirmed;
        }
        catch (KafkaException error)
        {
            LogFailure(topic, error.Error);
            if (error.Error.IsFatal || client.GivenUp)
            {
                Replace(client);
                return client.Works ? ProduceOutcome.Unconfirmed : ProduceOutcome.Refused; // what has never worked is not tried again at once
            }

            return error.Error.Code is ErrorCode.Local_MsgTimedOut or ErrorCode.Local_PurgeQueue or ErrorCode.Local_PurgeInflight
                ? ProduceOutcome.Unconfirmed : ProduceOutcome.Refused;
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            return ProduceOutcome.Unconfirmed; // the caller waits no longer, or the producer was replaced meanwhile
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _current, null)?.Dispose();

    private Client Current()
    {
        lock (_sync)
        {
            return _current ??= Build();
        }
    }

    private void Replace(Client failed)
    {
        lock (_sync)
        {
            if (_current != failed)
            {
                return;
            }

            _current = null;
        }

        failed.Producer.Flush(Farewell); // whoever waits for it is told why
        failed.Dispose();
    }

    private Client Build()
    {
        var config = new ProducerConfig(settings.Value.ToClientConfig())
        {
            EnableIdempotence = true,
            Acks = Acks.All,
            LingerMs = 0.1, // what a relay sends at once, it hands over within this; whoever waits for a single event waits no longer
            CompressionType = CompressionType.Lz4,
            MessageTimeoutMs = (int)settings.Value.DeliveryTimeout.TotalMilliseconds,
            Partitioner = Partitioner.Murmur2Random, // the same partition that other languages' clients choose
        };
        Client? client = null;
        return client = new Client(new ProducerBuilder<string, byte[]>(config)
            .SetErrorHandler((_, error) =>
            {
                LogFailure(Anything, error);
                if (error.IsFatal && client is not null)
                {
                    client.GivenUp = true; // what cannot be sent any more has the code of the cause alone
                }
            })
            .SetLogHandler((_, line) => LogLibrary(line.Facility, line.Message))
            .Build());
    }

    // One warning per outage: the library reports each broker and each record.
    private void LogFailure(string topic, Error error)
    {
        var ofOneBroker = !error.IsFatal && error.Code is ErrorCode.Local_Transport or ErrorCode.Local_Resolve or ErrorCode.Local_TimedOut;
        var cause = errors.Add(error) ?? errors.Cause;
        if (!ofOneBroker && SetFailing(topic, true))
        {
            LogFailing(settings.Value.Brokers!, topic, cause is null ? "" : $"{cause} ", error.Code, error.Reason);
        }
        else
        {
            LogStillFailing(topic, error.Code, error.Reason);
        }
    }

    private bool SetFailing(string topic, bool fails)
    {
        lock (_sync)
        {
            return fails ? _failing.Add(topic) : _failing.Remove(topic);
        }
    }

    // The library forgets whom it has not told when a producer is disposed of.
    private sealed record Client(IProducer<string, byte[]> Producer) : IDisposable
    {
        public CancellationTokenSource Replaced { get; } = new();

        /// <summary>Whether the library has given it up: nothing is sent any more.</summary>
        public bool GivenUp { get; set; }

        /// <summary>Whether brokers have confirmed anything that it sent.</summary>
        public bool Works { get; set; }

        public void Dispose()
        {
            Producer.Dispose();
            Replaced.Cancel();
            Replaced.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Kafka at {Brokers} does not take events of {Topic}: {Cause}{Code}, {Reason}. They wait in the outbox")]
    private partial void LogFailing(string brokers, string topic, string cause, ErrorCode code, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Kafka does not take events of {Topic}: {Code}, {Reason}")]
    private partial void LogStillFailing(string topic, ErrorCode code, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Kafka takes events of {Topic} again")]
    private partial void LogRecovered(string topic);

    [LoggerMessage(Level = LogLevel.Debug, Message = "librdkafka {Facility}: {Text}")]
    private partial void LogLibrary(string facility, string text);
}
