using Npgsql;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Transports;

public sealed class PostgresTransportTests : TransportTests
{
    private EventServices _sender = null!;

    protected override string Topic => "renamed-events";

    protected override IEnumerable<(string Name, string Value)> Settings => [("Events:Transport", "postgres"), ("Kafka:Topics:TaskEvents", Topic)];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _sender = await EventServices.Start(Database);
    }

    public override async Task DisposeAsync()
    {
        await _sender.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Two_transactions_that_commit_out_of_order_lose_nothing()
    {
        await StartHost(typeof(TakeSingle));
        await using var late = await Database.Source.OpenConnectionAsync();
        await using var lateTransaction = await late.BeginTransactionAsync();
        await Write(late, ("one", "written first"));

        await Send(("one", "committed first")); // in the same shard, later in the table, and earlier for every reader
        Assert.Equal(["committed first"], (await Deliveries.Next()).Values);

        await lateTransaction.CommitAsync();
        await _sender.Sweep();
        Assert.Equal(["written first"], (await Deliveries.Next()).Values);

        await Send(("one", "last"));
        Assert.Equal(["last"], (await Deliveries.Next()).Values);
        Assert.True(await Database.Scalar<bool>(
            "select (select position from outbox where payload = 'written first') < (select position from outbox where payload = 'committed first')"));
    }

    [Fact]
    public async Task What_is_new_in_several_shards_is_one_batch()
    {
        await Send([.. Numbered(30)]);
        await StartHost(typeof(TakeBatch));

        var batch = await Deliveries.Next();

        Assert.Equal(30, batch.Records.Count);
        Assert.NotEqual(1, batch.Records.Select(record => record.Partition).Distinct().Count());
        AssertOnceAndInOrder([batch], 30);
    }

    [Fact]
    public async Task A_batch_of_several_shards_that_fails_comes_again_shard_by_shard_and_holds_up_no_other()
    {
        var bad = new TaskCompletionSource();
        await Send([("bad", "bad"), .. Numbered(30)]);
        await StartHost("a", (delivery, _) => delivery.Values.Contains("bad") && !bad.Task.IsCompleted ? throw new InvalidOperationException("bad") : Task.CompletedTask, typeof(TakeBatch));

        Assert.Equal(31, (await Deliveries.Next()).Records.Count);
        var retried = await Next(delivery => delivery.Values.Contains("bad") && delivery.RetryCount > 3);
        Assert.Equal(Shards.Of("bad"), Assert.Single(retried.Records.Select(record => record.Partition).Distinct()));
        await Eventually.Holds(Database, Behind($"cursor.shard <> {Shards.Of("bad")}", 0));
        Assert.True(await Database.Scalar<bool>(Behind($"cursor.shard = {Shards.Of("bad")}", retried.Records.Count)));

        bad.SetResult();
        await Eventually.Holds(Database, Behind("true", 0));
    }

    [Fact]
    public async Task A_batch_that_is_retried_holds_no_shard_that_was_looked_at_with_its_own_and_had_nothing()
    {
        await StartHost("a", (delivery, _) => delivery.Values.Contains("bad") ? throw new InvalidOperationException("bad") : Task.CompletedTask, typeof(TakeBatch));
        await Send(("first", "first"));
        await Deliveries.Next(); // it listens
        await Eventually.Holds(Database, Behind("true", 0));
        await Database.Execute(
            $"""
            insert into outbox (event_id, topic, key, shard, payload, created_at, published_at, sequence)
            values (gen_random_uuid(), 'task-events', 'bad', {Shards.Of("bad")}, 'bad', now(), now(), nextval('event_log_sequence'));
            select pg_notify('{PostgresRelay.Channel}', string_agg('task-events/' || shard, ',')) from generate_series(0, {Shards.Count - 1}) as shard
            """);
        await Next(delivery => delivery.RetryCount > 3);

        await Send([.. Numbered(30)]);

        await Eventually.Holds(Database, Behind($"cursor.shard <> {Shards.Of("bad")}", 0));
    }

    [Fact]
    public async Task Without_a_retry_policy_only_the_shard_that_failed_is_passed_over()
    {
        await Send([("bad", "bad"), .. Numbered(30)]);
        await StartHost("a", (delivery, _) => delivery.Values.Contains("bad") ? throw new InvalidOperationException("bad") : Task.CompletedTask, typeof(TakeBatchOnce));
        Assert.Equal(31, (await Deliveries.Next()).Records.Count);

        var alone = await Take(31);

        Assert.All(alone, delivery => Assert.Single(delivery.Records.Select(record => record.Partition).Distinct()));
        await Send(("bad", "good"));
        Assert.Equal(["good"], (await Deliveries.Next()).Values);
    }

    [Fact]
    public async Task Another_host_takes_a_shard_over_when_its_host_dies()
    {
        var never = new TaskCompletionSource();
        await StartHost("a", (_, _) => never.Task, typeof(TakeSingle));
        await Send(("one", "1"), ("one", "2"));
        await Deliveries.Next();
        await StartHost("b", null, typeof(TakeSingle));

        // As the server sees it, a process that was killed is a connection that ended.
        Assert.Equal(1, await Cut("state = 'idle in transaction'"));

        Assert.Equal(["1"], (await Next(delivery => delivery.Host == "b")).Values);
        Assert.Equal(["2"], (await Next(delivery => delivery.Host == "b")).Values);
        never.SetResult(); // too late: it cannot move the cursor any more
        await Send(("one", "3"));
        Assert.Equal(["3"], (await Next(delivery => delivery.Values.Contains("3"))).Values);
        await Committed("singles");
    }

    [Fact]
    public async Task Events_flow_again_after_every_connection_was_cut()
    {
        await StartHost(typeof(TakeSingle));
        await Send(("one", "1"));
        await Deliveries.Next();

        Assert.NotEqual(0, await Cut("pid <> pg_backend_pid()"));
        await _sender.DisposeAsync();
        _sender = await EventServices.Start(Database);

        await Send(("one", "2"));
        Assert.Equal(["2"], (await Next(delivery => delivery.Values.Contains("2"))).Values);
    }

    [Fact]
    public async Task A_host_that_reads_alone_loses_nothing_when_its_connections_were_cut()
    {
        await StartBroadcast("a");
        await Send(("one", "1"));
        Assert.Equal(["1"], (await Deliveries.Next()).Values);

        await Cut("pid <> pg_backend_pid()");
        await _sender.DisposeAsync();
        _sender = await EventServices.Start(Database);
        await Send(("one", "2"), ("two", "3"));

        var values = new List<string>();
        while (values.Except(["1"]).Count() < 2) // what came just before may come again
        {
            values.AddRange((await Deliveries.Next()).Values);
        }

        Assert.Equal(["2", "3"], values.Except(["1"]).Order());
    }

    [Fact]
    public async Task A_group_that_is_new_begins_at_the_oldest_event_and_keeps_what_it_has_to_read_from_being_pruned()
    {
        await Send(("one", "1"));
        await StartHost(typeof(TakeSingle));
        Assert.Equal(["1"], (await Deliveries.Next()).Values);
        Assert.Equal(Shards.Count, await Database.Scalar<long>("select count(*) from consumer_cursor where group_name = 'singles' and topic = 'task-events'"));
    }

    protected override async Task Send(params (string Key, string Value)[] records)
    {
        await using (var connection = await Database.Source.OpenConnectionAsync())
        {
            await Write(connection, records);
        }

        await _sender.Sweep();
    }

    private Task<long> Cut(string connections) => Database.Scalar<long>(
        $"""
        with cut as materialized (select pid from pg_stat_activity where datname = '{Database.Name}' and {connections})
        select count(pg_terminate_backend(pid)) from cut
        """);

    private Task Committed(string group) => Eventually.Holds(
        Database,
        $"""
        select count(*) = 3 from outbox as row join consumer_cursor as cursor on cursor.topic = row.topic and cursor.shard = row.shard
        where group_name = '{group}' and row.sequence <= cursor.sequence
        """);

    private static async Task Write(NpgsqlConnection connection, params (string Key, string Value)[] records)
    {
        await using var batch = connection.CreateBatch();
        foreach (var (key, value) in records)
        {
            var insert = new NpgsqlBatchCommand(
                "insert into outbox (event_id, topic, key, shard, payload, created_at) values (gen_random_uuid(), 'task-events', $1, $2, convert_to($3, 'UTF8'), now())");
            insert.Parameters.Add(new() { Value = key });
            insert.Parameters.Add(new() { Value = Shards.Of(key) });
            insert.Parameters.Add(new() { Value = value });
            batch.BatchCommands.Add(insert);
        }

        await batch.ExecuteNonQueryAsync();
    }

    private static string Behind(string which, int records) =>
        $"""
        select count(*) = {records} from outbox as row join consumer_cursor as cursor on cursor.topic = row.topic and cursor.shard = row.shard
        where group_name = 'batches' and row.sequence > cursor.sequence and {which}
        """;
}
