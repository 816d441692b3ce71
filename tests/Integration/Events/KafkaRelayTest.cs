using Confluent.Kafka;
using TodoFlow.Domain.Tasks;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Events;

/// <summary>A test of the relay to Kafka, over a mock cluster of three brokers that leads three partitions.</summary>
public abstract class KafkaRelayTest : IAsyncLifetime, IDisposable
{
    protected KafkaCluster Kafka { get; } = KafkaCluster.StartMock();

    protected TestDatabase Database { get; private set; } = null!;

    protected string Topic { get; private set; } = null!;

    protected (string, string)[] Settings { get; private set; } = null!;

    protected EventServices Services { get; private set; } = null!;

    protected Guid User { get; private set; }

    public async Task InitializeAsync()
    {
        Database = await TestPostgres.RentDatabase();
        Topic = await Kafka.CreateTopic("task-events");
        Settings = [("Kafka:Topics:TaskEvents", Topic), ("Kafka:Topics:TaskUpdates", await Kafka.CreateTopic("task-updates"))];
        Services = await EventServices.Start(Database, Kafka.Brokers, settings: Settings);
        User = await Services.AddUser();
    }

    public async Task DisposeAsync()
    {
        await Services.DisposeAsync();
        await Database.DisposeAsync();
    }

    public void Dispose()
    {
        Kafka.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Completes and reopens a task, so many times in all.</summary>
    protected async Task Change(Guid task, int times, EventServices? process = null)
    {
        for (var change = 0; change < times; change++)
        {
            await (process ?? Services).Change(task, item => (TaskEvent?)item.Complete(DateTimeOffset.UtcNow) ?? item.Reopen(null, DateTimeOffset.UtcNow));
        }
    }

    protected static string Text(ConsumeResult<string, byte[]> record) => System.Text.Encoding.UTF8.GetString(record.Message.Value);

    protected static Event Read(ConsumeResult<string, byte[]> record) =>
        Event.TryRead(record.Message.Value, out var read, out var reason) ? read : throw new Xunit.Sdk.XunitException(reason);

    protected static IEnumerable<long> VersionsOf(IEnumerable<ConsumeResult<string, byte[]>> records, Guid task) =>
        records.Where(record => record.Message.Key == task.ToString()).Select(record => ((TaskEventData)Read(record).Data!).TaskData.Version);

    protected Task<long> Waiting() => Database.Scalar<long>("select count(*) from outbox where published_at is null");

    protected Task<long> Marked() => Database.Scalar<long>("select count(*) from outbox where topic = 'task-events' and published_at is not null");

    protected long OnTheBrokers()
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Kafka.Brokers, GroupId = "-" }).Build();
        return Enumerable.Range(0, 3).Sum(partition => consumer.QueryWatermarkOffsets(new TopicPartition(Topic, partition), TimeSpan.FromSeconds(20)).High.Value);
    }

    /// <summary>Reads the topic from its beginning until it has so many records.</summary>
    protected async Task<List<ConsumeResult<string, byte[]>>> Consume(int count)
    {
        var records = await Consume(records => records.Count == count);
        Assert.Equal(count, records.Count);
        return records;
    }

    /// <summary>Reads the topic from its beginning until a task has this version.</summary>
    protected async Task<List<ConsumeResult<string, byte[]>>> Consume(Guid task, long version)
    {
        var records = await Consume(records => VersionsOf(records, task).Contains(version));
        Assert.Contains(version, VersionsOf(records, task));
        return records;
    }

    private Task<List<ConsumeResult<string, byte[]>>> Consume(Func<List<ConsumeResult<string, byte[]>>, bool> enough) => Task.Run(() =>
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = Kafka.Brokers,
            GroupId = Guid.NewGuid().ToString(),
            AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchWaitMaxMs = 20,
            EnableAutoCommit = false,
        }).Build();
        consumer.Assign(Enumerable.Range(0, 3).Select(partition => new TopicPartitionOffset(Topic, partition, Offset.Beginning)));
        var records = new List<ConsumeResult<string, byte[]>>();
        var patience = DateTime.UtcNow.AddSeconds(60);
        while (!enough(records) && DateTime.UtcNow < patience)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is { } record)
            {
                records.Add(record);
            }
        }

        return records;
    });
}
