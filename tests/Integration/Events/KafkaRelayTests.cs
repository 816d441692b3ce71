using System.Diagnostics.Metrics;
using Confluent.Kafka;
using TodoFlow.Domain.Tasks;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Events;

public sealed class KafkaRelayTests : IAsyncLifetime, IDisposable
{
    private readonly KafkaCluster kafka = KafkaCluster.StartMock();
    private TestDatabase database = null!;
    private string topic = null!;
    private (string, string)[] settings = null!;
    private EventServices services = null!;
    private Guid user;

    public async Task InitializeAsync()
    {
        database = await TestPostgres.CreateDatabase();
        topic = await kafka.CreateTopic("task-events");
        settings = [("Kafka:Topics:TaskEvents", topic), ("Kafka:Topics:TaskUpdates", await kafka.CreateTopic("task-updates"))];
        services = await EventServices.Start(database, kafka.Brokers, settings: settings);
        user = await services.AddUser();
    }

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
    }

    public void Dispose() => kafka.Dispose();

    [Fact]
    public async Task A_commit_publishes_without_any_sweep()
    {
        var task = await services.AddTask(user);

        var record = Assert.Single(await Consume(1));

        Assert.Equal(task.Id.ToString(), record.Message.Key);
        Assert.Equal("application/cloudevents+json; charset=utf-8", System.Text.Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes("content-type")));
        await EventContract.Holds(record.Message.Value);
        Assert.True(Event.TryRead(record.Message.Value, out var read, out _));
        Assert.Equal(("task.created.v1", task.Id), (read.Type, read.TaskId));
    }

    [Fact]
    public async Task A_row_is_marked_only_when_the_broker_has_confirmed_it()
    {
        kafka.Down();
        await services.AddTask(user);
        Assert.Equal(2, await Waiting());

        kafka.Up();
        await Consume(1);
        await services.Sweep();
        Assert.Equal(0, await Waiting());
    }

    [Fact]
    public async Task Events_survive_an_outage_in_order_and_writes_go_on_meanwhile()
    {
        kafka.Down();
        var tasks = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            var task = await services.AddTask(user);
            tasks.Add(task.Id);
            for (var change = 0; change < 6; change++)
            {
                await services.Change(task.Id, item => change % 2 == 0 ? item.Complete(DateTimeOffset.UtcNow) : item.Reopen(null, DateTimeOffset.UtcNow));
            }
        }

        kafka.Up();
        var records = await Consume(35);

        foreach (var id in tasks)
        {
            Assert.Equal(Enumerable.Range(1, 7).Select(version => (long)version), VersionsOf(records, id));
        }
    }

    [Fact]
    public async Task Order_holds_over_errors_of_the_brokers()
    {
        kafka.FailNext(KafkaRequest.Produce, Enumerable.Repeat(ErrorCode.NotEnoughReplicas, 4)
            .Concat(Enumerable.Repeat(ErrorCode.NotLeaderForPartition, 4))
            .Concat(Enumerable.Repeat(ErrorCode.RequestTimedOut, 4)).ToArray());
        var task = await services.AddTask(user);
        for (var change = 0; change < 20; change++)
        {
            await services.Change(task.Id, item => change % 2 == 0 ? item.Complete(DateTimeOffset.UtcNow) : item.Reopen(null, DateTimeOffset.UtcNow));
        }

        Assert.Equal(Enumerable.Range(1, 21).Select(version => (long)version), VersionsOf(await Consume(21), task.Id));
    }

    [Fact]
    public async Task What_the_broker_refuses_holds_up_its_own_key_only()
    {
        await database.Execute(
            """
            insert into outbox (event_id, topic, key, shard, payload, created_at) values
                (gen_random_uuid(), 'task-events', 'a', 0, convert_to(repeat('x', 2000000), 'UTF8'), now()),
                (gen_random_uuid(), 'task-events', 'a', 0, 'second', now()),
                (gen_random_uuid(), 'task-events', 'b', 0, 'other', now())
            """);
        await services.Sweep();
        Assert.Equal("other", Text(Assert.Single(await Consume(1))));
        Assert.Equal(2, await Waiting());

        await database.Execute("update outbox set payload = 'first' where key = 'a' and length(payload) > 1000");
        await services.Sweep();
        Assert.Equal(["first", "second"], (await Consume(3)).Where(record => record.Message.Key == "a").Select(Text));
    }

    [Fact]
    public async Task Several_processes_share_the_shards_and_publish_each_event_once()
    {
        var others = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => EventServices.Start(database, kafka.Brokers, settings: settings)));
        var processes = others.Append(services).ToArray();
        var tasks = await Task.WhenAll(Enumerable.Range(0, 12).Select(async writer =>
        {
            var process = processes[writer % processes.Length];
            var task = await process.AddTask(user);
            for (var change = 0; change < 6; change++)
            {
                await process.Change(task.Id, item => change % 2 == 0 ? item.Complete(DateTimeOffset.UtcNow) : item.Reopen(null, DateTimeOffset.UtcNow));
            }

            return task.Id;
        }));

        var records = await Consume(12 * 7);
        foreach (var process in processes)
        {
            await process.Sweep();
        }

        foreach (var other in others)
        {
            await other.DisposeAsync();
        }

        Assert.Equal(records.Count, records.Select(record => Read(record).Id).Distinct().Count());
        foreach (var id in tasks)
        {
            Assert.Equal(Enumerable.Range(1, 7).Select(version => (long)version), VersionsOf(records, id));
        }
    }

    [Fact]
    public async Task A_crash_between_confirmation_and_mark_repeats_an_event_under_its_id()
    {
        await services.AddTask(user);
        var first = Read(Assert.Single(await Consume(1)));
        await services.Sweep();

        await database.Execute("update outbox set published_at = null"); // as if it had died before the mark
        await services.Sweep();

        var records = await Consume(2);
        Assert.All(records, record => Assert.Equal(first.Id, Read(record).Id));
    }

    [Fact]
    public async Task A_relay_that_stops_waits_for_confirmations_and_marks_what_was_confirmed()
    {
        await services.AddTask(user);
        await Consume(1); // the producer is connected
        await services.Sweep();
        kafka.AnswerAfter(TimeSpan.FromSeconds(1));
        var received = kafka.Receive(KafkaRequest.Produce);
        for (var i = 0; i < 10; i++)
        {
            await services.AddTask(user);
        }

        await received;
        await services.Relay.StopAsync(CancellationToken.None);

        kafka.AnswerAfter(TimeSpan.Zero);
        var marked = await Marked();
        Assert.True(marked > 1);
        Assert.Equal(marked, OnTheBrokers());
    }

    [Fact]
    public async Task What_is_not_confirmed_within_five_seconds_of_the_stop_keeps_nothing_else_from_being_marked()
    {
        var clock = new FakeClock(DateTimeOffset.UtcNow);
        long confirmed = 0;
        await using (var process = await EventServices.Start(database, kafka.Brokers, clock, settings))
        {
            var factory = process.Get<IMeterFactory>();
            using var confirmations = new MeterListener();
            confirmations.InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == factory && instrument.Name == "messaging.client.sent.messages")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            };
            confirmations.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            {
                if (tags.ToArray().All(tag => tag.Key != "error.type" && tag.Value is not "task-updates"))
                {
                    Interlocked.Add(ref confirmed, count);
                }
            });
            confirmations.Start();
            await process.AddTask(user);
            await Consume(1);
            await process.Sweep();
            kafka.Down(1); // it leads one partition of three
            var received = kafka.Receive(KafkaRequest.Produce);
            for (var i = 0; i < 30; i++)
            {
                await process.AddTask(user);
            }

            await received;
            var stopped = process.Relay.StopAsync(CancellationToken.None);
            await clock.TimerDueWithin(TimeSpan.FromSeconds(5));
            clock.Advance(TimeSpan.FromSeconds(5));
            await stopped.WaitAsync(TimeSpan.FromSeconds(20)); // the producer itself would wait for thirty
        }

        kafka.Up();
        Assert.InRange(confirmed, 1, 30); // the clock may leap before more than the first is
        Assert.Equal(confirmed, await Marked());
        Assert.InRange(await Marked(), 1, OnTheBrokers());
    }

    private static string Text(ConsumeResult<string, byte[]> record) => System.Text.Encoding.UTF8.GetString(record.Message.Value);

    private static Event Read(ConsumeResult<string, byte[]> record) =>
        Event.TryRead(record.Message.Value, out var read, out var reason) ? read : throw new Xunit.Sdk.XunitException(reason);

    private static IEnumerable<long> VersionsOf(IEnumerable<ConsumeResult<string, byte[]>> records, Guid task) =>
        records.Where(record => record.Message.Key == task.ToString()).Select(record => ((TaskEventData)Read(record).Data!).TaskData.Version);

    private Task<long> Waiting() => database.Scalar<long>("select count(*) from outbox where published_at is null");

    private Task<long> Marked() => database.Scalar<long>("select count(*) from outbox where topic = 'task-events' and published_at is not null");

    private long OnTheBrokers()
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = kafka.Brokers, GroupId = "-" }).Build();
        return Enumerable.Range(0, 3).Sum(partition => consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), TimeSpan.FromSeconds(20)).High.Value);
    }

    private Task<List<ConsumeResult<string, byte[]>>> Consume(int count) => Task.Run(() =>
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = kafka.Brokers,
            GroupId = Guid.NewGuid().ToString(),
            AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchWaitMaxMs = 20,
            EnableAutoCommit = false,
        }).Build();
        consumer.Assign(Enumerable.Range(0, 3).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        var records = new List<ConsumeResult<string, byte[]>>();
        var patience = DateTime.UtcNow.AddSeconds(60);
        while (records.Count < count && DateTime.UtcNow < patience)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is { } record)
            {
                records.Add(record);
            }
        }

        Assert.Equal(count, records.Count);
        return records;
    });
}
