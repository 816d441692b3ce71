using Microsoft.Extensions.Options;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using TodoFlow.Host.Lifetime;
using TodoFlow.Host.Realtime;
using TodoFlow.Messaging.Kafka;

namespace TodoFlow.Host.Kafka;

/// <summary>Feeds the functions with a <c>[KafkaTrigger]</c> from Kafka: one consumer each, as soon as the topics are there.</summary>
internal sealed partial class KafkaListener : BackgroundService
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly TopicCreator _topics;
    private readonly List<(HostedFunction Function, TopicConsumer Consumer)> _consumers;
    private readonly ConsumerHealth _health;
    private readonly Drain _drain;
    private readonly TimeProvider _clock;
    private readonly ILogger<KafkaListener> _logger;

    /// <exception cref="HostStartException">A setting cannot be used.</exception>
    public KafkaListener(
        FunctionCatalog catalog, TopicCreator topics, ConsumerSettings settings, IOptions<KafkaSettings> kafka, IConfiguration configuration,
        RecordInvoker invoker, ConsumerMetrics metrics, ConsumerHealth health, KafkaOutages outages, Drain drain, TimeProvider clock, ILogger<KafkaListener> logger,
        HubGate? gate = null)
    {
        _topics = topics;
        _health = health;
        _drain = drain;
        _clock = clock;
        _logger = logger;
        _consumers =
        [
            .. from function in catalog.Functions
               let trigger = function.Trigger as KafkaTrigger
               where trigger is not null
               let config = ConsumerConfigs.For(function, trigger, settings, kafka.Value, configuration)
               let parts = new ConsumerParts(function, config, settings.MaxBatchSize, invoker, metrics, health, outages, clock, logger)
               select (function, trigger.IsBroadcast ? new BroadcastConsumer(parts, gate!) : (TopicConsumer)new FunctionConsumer(parts)),
        ];
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Others take the partitions over while requests are still served here; devices are told to the end.
        using var draining = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _drain.Begun);
        try
        {
            await _topics.Ready.WaitAsync(draining.Token);
            await Task.WhenAll(_consumers.Select(pair => Consume(pair.Function, pair.Consumer, pair.Consumer is BroadcastConsumer ? stoppingToken : draining.Token)));
        }
        catch (OperationCanceledException) when (draining.IsCancellationRequested)
        {
            // The host stops; no consumer runs any more.
        }
    }

    private async Task Consume(HostedFunction function, TopicConsumer consumer, CancellationToken stopping)
    {
        var wait = ShortestWait;
        while (!stopping.IsCancellationRequested)
        {
            var started = _clock.GetTimestamp();
            try
            {
                await Task.Factory.StartNew(() => consumer.Run(stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            catch (Exception error) // what the library gives up, or refuses in its settings, must not end the host
            {
                wait = _clock.GetElapsedTime(started) > LongestWait ? ShortestWait : wait;
                LogGivenUp(error, function.Name, wait);
                _health.Failed(function);
                await Task.Delay(wait, _clock, stopping);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The consumer of {Function} failed; it begins anew in {Delay}")]
    private partial void LogGivenUp(Exception error, string function, TimeSpan delay);
}
