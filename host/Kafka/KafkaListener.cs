using Microsoft.Extensions.Options;
using TodoFlow.Events;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Discovery;

namespace TodoFlow.Host.Kafka;

/// <summary>Feeds the functions with a <c>[KafkaTrigger]</c> from Kafka: one consumer each, as soon as the topics are there.</summary>
internal sealed partial class KafkaListener(
    FunctionCatalog catalog, TopicCreator topics, ConsumerSettings settings, IOptions<KafkaSettings> kafka, IConfiguration configuration,
    RecordInvoker invoker, ConsumerMetrics metrics, KafkaOutages outages, TimeProvider clock, ILogger<KafkaListener> logger)
    : BackgroundService
{
    private static readonly TimeSpan BeforeNextConsumer = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await topics.Ready.WaitAsync(stoppingToken);
            await Task.WhenAll(catalog.Functions.Where(function => function.Trigger is KafkaTrigger).Select(function => Consume(function, stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; no consumer runs any more.
        }
    }

    private async Task Consume(HostedFunction function, CancellationToken stopping)
    {
        var config = ConsumerConfigs.For(function, (KafkaTrigger)function.Trigger, settings, kafka.Value, configuration);
        while (true)
        {
            stopping.ThrowIfCancellationRequested();
            try
            {
                var consumer = new FunctionConsumer(function, config, settings.MaxBatchSize, invoker, metrics, outages, clock, logger);
                await Task.Factory.StartNew(() => consumer.Run(stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            catch (Exception error) // what the library gives up or refuses in its settings must not end the host
            {
                LogGivenUp(error, function.Name, BeforeNextConsumer);
                await Task.Delay(BeforeNextConsumer, clock, stopping);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The consumer of {Function} failed; another one follows in {Delay}")]
    private partial void LogGivenUp(Exception error, string function, TimeSpan delay);
}
