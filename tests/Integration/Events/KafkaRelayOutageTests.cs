using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Npgsql;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Events;

/// <summary>Brokers that are gone, a partition of which nobody is the leader, records that are refused: who waits, and until when.</summary>
public sealed class KafkaRelayOutageTests : KafkaRelayTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Nothing times out in a test.
    private const string ForLong = "00:10:00";

    [Fact]
    public async Task A_partition_without_a_leader_holds_up_its_own_keys_only()
    {
        await using var process = await Start(ForLong);
        var (dead, live) = await TasksOfOneShard();

        Kafka.Down(1);
        await Change(dead, 3, process);
        await Change(live, 1, process);
        await Consume(live, 2);
        await Change(live, 3, process);
        Assert.Empty(VersionsOf(await Consume(live, 5), dead).Skip(1));

        Kafka.Up();
        Assert.Equal([1, 2, 3, 4], VersionsOf(await Consume(dead, 4), dead));
    }

    [Fact]
    public async Task However_many_keys_wait_for_a_broker_the_others_of_their_shard_are_sent()
    {
        await using var process = await Start("00:00:01");
        Kafka.Down(1);
        await Database.Execute(
            """
            insert into outbox (event_id, topic, key, shard, payload, created_at)
            select gen_random_uuid(), 'task-events', 'key ' || number, 0, 'x', now() from generate_series(1, 4500) as number
            """);

        process.Relay.Kick();

        await Eventually.Holds(async () => await Waiting() < 2000); // a third of them waits for the broker
        Assert.InRange(await Waiting(), 1001, 1999); // more than are sent at once
        Kafka.Up();
        await Eventually.Holds(async () => await Waiting() == 0);
        Assert.InRange(OnTheBrokers(), 4500, 9000);
    }

    [Fact]
    public async Task Who_waits_for_a_broker_sends_what_other_processes_write()
    {
        await using var process = await Start(ForLong);
        var (dead, live) = await TasksOfOneShard();
        Kafka.Down(1);
        await Change(dead, 1, process);
        await Eventually.Holds(() => Database.Scalar<bool>(
            $"select exists (select from pg_locks where classid = {OutboxRelay.LockSpace} and objid = {Shards.Of(dead)} and granted and database = (select oid from pg_database where datname = current_database()))"));

        await Change(live, 1, Services);

        await Consume(live, 2);
        Kafka.Up();
    }

    [Fact]
    public async Task A_shard_that_another_process_gives_up_is_taken_at_once()
    {
        var clock = new FakeClock(DateTimeOffset.UtcNow); // it stands still: nobody waits for a time
        await using var process = await Start(ForLong, clock);
        await using var other = await Database.Source.OpenConnectionAsync();
        await using var working = await other.BeginTransactionAsync();
        var id = Guid.CreateVersion7();
        await new NpgsqlCommand($"select pg_advisory_xact_lock({OutboxRelay.LockSpace}, {Shards.Of(id)})", other, working).ExecuteNonQueryAsync();
        await process.AddTask(User, id: id);
        await Database.UntilSomebodyWaitsForALock();

        await working.RollbackAsync();

        await Consume(id, 1);
    }

    [Fact]
    public async Task After_an_outage_events_flow_when_the_brokers_answer_and_not_when_a_timer_ends()
    {
        var clock = new FakeClock(DateTimeOffset.UtcNow); // it stands still: a wait of the relay's own would never end
        await using var process = await Start("00:00:01", clock);
        using var sent = new SentEvents(process);
        var task = await process.AddTask(User);
        await Consume(task.Id, 1);

        Kafka.Down();
        await Change(task.Id, 1, process);
        await sent.Unconfirmed(6).WaitAsync(Patience); // each of two events three times

        Kafka.Up();
        await sent.Confirmed().WaitAsync(Patience);
        Assert.Equal([1, 2], VersionsOf(await Consume(task.Id, 2), task.Id));
    }

    [Theory]
    [InlineData(ErrorCode.MsgSizeTooLarge)]
    [InlineData(ErrorCode.InvalidRecord)]
    public async Task Records_that_fail_for_good_are_sent_again_in_order(ErrorCode error)
    {
        Kafka.FailNext(KafkaRequest.Produce, error);
        var task = await Services.AddTask(User);
        await Change(task.Id, 10);
        await Consume(task.Id, 3);
        Kafka.FailNext(KafkaRequest.Produce, error);
        await Change(task.Id, 10);

        var versions = VersionsOf(await Consume(task.Id, 21), task.Id).ToList();
        Assert.Equal(Enumerable.Range(1, 21).Select(version => (long)version), versions.Distinct());
        await Services.Sweep();
        Assert.Equal(0, await Waiting());
        Assert.InRange(OnTheBrokers(), 21, 42); // marked is only what is there
    }

    [Theory]
    [InlineData(KafkaRequest.Produce, ErrorCode.OutOfOrderSequenceNumber)] // of the first request: client and broker disagree on what was sent
    [InlineData(KafkaRequest.InitProducerId, ErrorCode.ClusterAuthorizationFailed)]
    public async Task A_producer_that_the_library_gives_up_is_replaced_and_loses_nothing(KafkaRequest request, ErrorCode fatal)
    {
        Kafka.FailNext(request, fatal);
        var task = await Services.AddTask(User);
        await Change(task.Id, 10);

        Assert.Equal(Enumerable.Range(1, 11).Select(version => (long)version), VersionsOf(await Consume(task.Id, 11), task.Id).Distinct());
    }

    private Task<EventServices> Start(string deliveryTimeout, TimeProvider? clock = null) =>
        EventServices.Start(Database, Kafka.Brokers, clock, [.. Settings, ("Kafka:DeliveryTimeout", deliveryTimeout)]);

    /// <summary>Two tasks of one shard, whose events go to a partition that broker 1 leads, and to another one.</summary>
    private async Task<(Guid Dead, Guid Live)> TasksOfOneShard()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Kafka.Brokers }).Build();
        var dead = admin.GetMetadata(Topic, Patience).Topics.Single().Partitions.Where(partition => partition.Leader == 1).Select(partition => partition.PartitionId).ToList();
        for (var i = 0; i < 40; i++)
        {
            await Services.AddTask(User);
        }

        var places = (await Consume(40)).ToLookup(record => (Shards.Of(record.Message.Key), dead.Contains(record.Partition)), record => Guid.Parse(record.Message.Key));
        await Services.Sweep();
        Assert.Equal(0, await Waiting());
        var shard = Enumerable.Range(0, Shards.Count).Select(shard => (short)shard).First(shard => places.Contains((shard, true)) && places.Contains((shard, false)));
        return (places[(shard, true)].First(), places[(shard, false)].First());
    }

    /// <summary>What a process has sent to the topic of tasks' events.</summary>
    private sealed class SentEvents : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly TaskCompletionSource _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _unconfirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = int.MaxValue;

        public SentEvents(EventServices process)
        {
            var factory = process.Get<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == factory && instrument.Name == "messaging.client.sent.messages")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Add(tags.ToArray().Any(tag => tag.Key == "error.type")));
            _listener.Start();
        }

        /// <summary>Completes when so many have not been confirmed.</summary>
        public Task Unconfirmed(int count)
        {
            Volatile.Write(ref _left, count);
            return _unconfirmed.Task;
        }

        /// <summary>Completes when one is confirmed after that.</summary>
        public Task Confirmed() => _confirmed.Task;

        public void Dispose() => _listener.Dispose();

        private void Add(bool failed)
        {
            if (failed && Interlocked.Decrement(ref _left) <= 0)
            {
                _unconfirmed.TrySetResult();
            }
            else if (!failed && _unconfirmed.Task.IsCompleted)
            {
                _confirmed.TrySetResult();
            }
        }
    }
}
