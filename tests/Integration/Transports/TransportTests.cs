using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Transports;

/// <summary>What a function with a KafkaTrigger may rely on, whichever transport feeds it.</summary>
public abstract class TransportTests : TransportTest
{
    [Theory]
    [InlineData(typeof(TakeBatch))]
    [InlineData(typeof(TakeSingle))]
    public async Task Records_reach_a_function_once_and_in_the_order_of_their_keys(Type function)
    {
        await StartHost("a", null, [function], ("AzureFunctionsJobHost:extensions:kafka:maxBatchSize", "64"));
        await Send([.. Numbered(300)]);

        var taken = await Take(300);

        AssertOnceAndInOrder(taken, 300);
        Assert.All(taken, delivery => Assert.InRange(delivery.Records.Count, 1, function == typeof(TakeBatch) ? 64 : 1));
        foreach (var partition in taken.SelectMany(delivery => delivery.Records).GroupBy(record => record.Partition))
        {
            Assert.Equal(partition.Select(record => record.Offset).Distinct().Order(), partition.Select(record => record.Offset));
        }

        Assert.True(Deliveries.IsEmpty);
    }

    [Fact]
    public async Task A_record_arrives_whole()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        await StartHost(typeof(TakeSingle));
        await Send(("one", "grüezi"));

        var record = Assert.Single((await Deliveries.Next()).Records);

        Assert.Equal(Topic, record.Topic);
        Assert.Equal("one", Encoding.UTF8.GetString(record.Key!));
        Assert.Equal("grüezi", Encoding.UTF8.GetString(record.Value!));
        var header = Assert.Single(record.Headers);
        Assert.Equal(("content-type", CloudEvent.ContentType), (header.Key, header.GetValueAsString()));
        Assert.InRange(record.Timestamp.DateTimeOffset, before, DateTimeOffset.UtcNow.AddSeconds(1));
    }

    [Fact]
    public async Task A_function_that_throws_gets_its_records_again_and_skips_nothing()
    {
        var failures = 3;
        await StartHost("a", (_, _) => Interlocked.Decrement(ref failures) >= 0 ? throw new InvalidOperationException("not yet") : Task.CompletedTask, typeof(TakeSingle));
        await Send(("one", "1"), ("one", "2"));

        var seen = new List<(string, int)>();
        for (var i = 0; i < 5; i++)
        {
            var delivery = await Deliveries.Next();
            seen.Add((delivery.Values.Single(), delivery.RetryCount));
        }

        Assert.Equal([("1", 0), ("1", 1), ("1", 2), ("1", 3), ("2", 0)], seen);
    }

    [Fact]
    public async Task A_key_that_is_being_retried_does_not_hold_up_the_other_partitions()
    {
        await StartHost("a", (delivery, _) => delivery.Values.Contains("bad") ? throw new InvalidOperationException("bad") : Task.CompletedTask, typeof(TakePatiently));
        await Send([("bad", "bad"), .. Enumerable.Range(0, 40).Select(number => ($"key-{number}", $"{number}"))]);

        var partitions = new HashSet<int>();
        var bad = false;
        while (!bad || partitions.Count < 2)
        {
            var delivery = await Deliveries.Next();
            bad |= delivery.Values.Contains("bad");
            partitions.Add(delivery.Records[0].Partition);
        }
    }

    [Fact]
    public async Task A_batch_that_is_being_retried_does_not_hold_up_the_other_partitions_and_nothing_is_lost()
    {
        var mended = false;
        var done = new Observed<Delivery>();
        await StartHost("a", (delivery, _) => Act(delivery), typeof(TakeBatch));
        await Send([("bad", "bad"), .. Numbered(40)]);

        var retried = await Next(delivery => delivery.Values.Contains("bad") && delivery.RetryCount >= 3);
        Assert.Single(retried.Records.Select(record => record.Partition).Distinct());
        List<KafkaRecord> dealtWith = [.. (await done.Next()).Records];
        Assert.NotEqual(retried.Records[0].Partition, dealtWith[0].Partition);

        Volatile.Write(ref mended, true);
        while (dealtWith.Count < 41)
        {
            dealtWith.AddRange((await done.Next()).Records);
        }

        Assert.Equal(41, dealtWith.Select(record => Encoding.UTF8.GetString(record.Value!)).Distinct().Count());
        foreach (var partition in dealtWith.GroupBy(record => record.Partition))
        {
            Assert.Equal(partition.Select(record => record.Offset).Order(), partition.Select(record => record.Offset));
        }

        Task Act(Delivery delivery)
        {
            if (delivery.Values.Contains("bad") && !Volatile.Read(ref mended))
            {
                throw new InvalidOperationException("bad");
            }

            done.Add(delivery);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Without_a_retry_policy_a_failed_record_is_passed_over()
    {
        await StartHost("a", (delivery, _) => delivery.Values.Contains("bad") ? throw new InvalidOperationException("bad") : Task.CompletedTask, typeof(TakeOnce));
        await Send(("one", "bad"), ("one", "good"));

        Assert.Equal(["bad"], (await Deliveries.Next()).Values);
        Assert.Equal(["good"], (await Deliveries.Next()).Values);
    }

    [Fact]
    public async Task A_stopping_host_finishes_what_is_in_flight_and_commits_it()
    {
        var gate = new TaskCompletionSource();
        var host = await StartHost("a", (_, _) => gate.Task, typeof(TakeBatch));
        await Send(("one", "1"));
        await Deliveries.Next();

        var stopping = host.StopAsync();
        Assert.False(stopping.IsCompleted);
        gate.SetResult();
        await stopping;

        await StartHost(typeof(TakeBatch));
        await Send(("one", "2"));
        Assert.Equal(["2"], (await Deliveries.Next()).Values);
    }

    [Fact]
    public async Task A_try_that_outlasts_the_time_for_stopping_is_cancelled_and_its_records_come_again()
    {
        var host = await StartHost("a", (_, ct) => Task.Delay(Timeout.Infinite, ct), [typeof(TakeBatch)], ("Host:ShutdownTimeout", "00:00:02"));
        await Send(("one", "1"));
        await Deliveries.Next();

        await host.StopAsync();

        await StartHost("b", null, typeof(TakeBatch));
        Assert.Equal(["1"], (await Next(delivery => delivery.Host == "b")).Values);
    }

    [Fact]
    public async Task A_stopping_host_does_not_wait_for_the_next_try_and_leaves_the_record_to_the_next_host()
    {
        var host = await StartHost("a", (_, _) => throw new InvalidOperationException("down"), typeof(TakePatiently));
        await Send(("one", "1"), ("one", "2"));
        await Deliveries.Next();

        await host.StopAsync(); // its next try is an hour away

        await StartHost("b", null, typeof(TakePatiently));
        Assert.Equal(["1"], (await Next(delivery => delivery.Host == "b")).Values);
        Assert.Equal(["2"], (await Next(delivery => delivery.Host == "b")).Values);
    }

    [Fact]
    public async Task Hosts_that_join_and_leave_under_load_lose_and_double_no_effect()
    {
        const int Count = 1500;
        var effects = new ConcurrentDictionary<string, byte>();
        var inOrder = new ConcurrentQueue<string>();
        var halfway = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task Act(Delivery delivery, CancellationToken ct)
        {
            foreach (var value in delivery.Values)
            {
                if (effects.TryAdd(value, 0)) // what the inbox does for a real function
                {
                    inOrder.Enqueue(value);
                }
            }

            if (effects.Count >= Count / 2)
            {
                halfway.TrySetResult();
            }

            if (effects.Count == Count)
            {
                all.TrySetResult();
            }

            return Task.CompletedTask;
        }

        var first = await StartHost("a", Act, typeof(TakeBatch));
        await StartHost("b", Act, typeof(TakeBatch));
        var sending = Send([.. Numbered(Count / 2)]);
        await StartHost("c", Act, typeof(TakeBatch));
        await sending;
        await halfway.Task.WaitAsync(Patience);
        sending = Send([.. Numbered(Count).Skip(Count / 2)]);
        await first.StopAsync();
        await sending;
        await all.Task.WaitAsync(Patience);

        AssertInOrder(inOrder);
        Assert.Equal(Count, effects.Count);
    }

    [Fact]
    public async Task Lag_is_what_the_group_has_yet_to_deal_with()
    {
        var gate = new TaskCompletionSource();
        var host = await StartHost("a", (_, _) => gate.Task, typeof(TakeSingle));
        await Send([.. Enumerable.Range(0, 5).Select(number => ("one", $"{number}"))]);
        await Deliveries.Next();

        await UntilLag(host, 5);
        gate.SetResult();
        await UntilLag(host, 0);
    }

    [Fact]
    public async Task What_is_for_every_host_each_reads_alone_from_its_own_start_on()
    {
        await Send(("one", "before"));
        await StartBroadcast("a");
        await StartBroadcast("b");
        await Send(("one", "1"), ("two", "2"), ("one", "3"));

        var values = new Dictionary<string, List<string>> { ["a"] = [], ["b"] = [] };
        while (values.Values.Any(read => read.Count < 3))
        {
            var delivery = await Deliveries.Next();
            values[delivery.Host].AddRange(delivery.Values);
        }

        Assert.All(values.Values, read => Assert.Equal(["1", "2", "3"], read.Order()));
        Assert.True(Deliveries.IsEmpty);
        Assert.Equal(0L, await Database.Scalar<long>("select count(*) from consumer_cursor"));
    }

    protected static void AssertOnceAndInOrder(List<Delivery> deliveries, int count)
    {
        var values = deliveries.SelectMany(delivery => delivery.Values).ToList();
        Assert.Equal(Enumerable.Range(0, count), values.Select(int.Parse).Order());
        AssertInOrder(values);
    }

    private static void AssertInOrder(IEnumerable<string> values)
    {
        foreach (var key in values.Select(int.Parse).GroupBy(number => number % 10))
        {
            Assert.Equal(key.Order(), key);
        }
    }

    private static async Task UntilLag(HostApplication host, long records)
    {
        var factory = host.Services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "todoflow.consumer.lag" && instrument.Meter.Scope == factory)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        var sum = 0L;
        listener.SetMeasurementEventCallback<long>((_, lag, _, _) => sum += lag);
        listener.Start();
        await Eventually.Holds(() =>
        {
            sum = 0;
            listener.RecordObservableInstruments();
            return sum == records;
        });
    }
}
