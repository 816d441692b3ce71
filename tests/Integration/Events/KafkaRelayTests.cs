using System.Diagnostics.Metrics;
using Confluent.Kafka;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Events;

public sealed class KafkaRelayTests : KafkaRelayTest
{
    [Fact]
    public async Task A_commit_publishes_without_any_sweep()
    {
        var task = await Services.AddTask(User);

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
        Kafka.Down();
        await Services.AddTask(User);
        Assert.Equal(2, await Waiting());

        Kafka.Up();
        await Consume(1);
        await Services.Sweep();
        Assert.Equal(0, await Waiting());
    }

    [Fact]
    public async Task Events_survive_an_outage_in_order_and_writes_go_on_meanwhile()
    {
        Kafka.Down();
        var tasks = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            var task = await Services.AddTask(User);
            tasks.Add(task.Id);
            for (var change = 0; change < 6; change++)
            {
                await Services.Change(task.Id, item => change % 2 == 0 ? item.Complete(DateTimeOffset.UtcNow) : item.Reopen(null, DateTimeOffset.UtcNow));
            }
        }

        Kafka.Up();
        var records = await Consume(35);

        foreach (var id in tasks)
        {
            Assert.Equal(Enumerable.Range(1, 7).Select(version => (long)version), VersionsOf(records, id));
        }
    }

    [Fact]
    public async Task Two_connections_are_enough_for_all_shards()
    {
        var clock = new FakeClock(DateTimeOffset.UtcNow); // it stands still: a shard that found no connection would not be tried again
        await using var process = await EventServices.Start(Database, Kafka.Brokers, clock, [.. Settings, ("Database:BackgroundConnections", "2")]);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => process.AddTask(User)));

        await Eventually.Holds(async () => await Waiting() == 0);
    }

    [Fact]
    public async Task Order_holds_over_errors_of_the_brokers()
    {
        Kafka.FailNext(KafkaRequest.Produce, Enumerable.Repeat(ErrorCode.NotEnoughReplicas, 4)
            .Concat(Enumerable.Repeat(ErrorCode.NotLeaderForPartition, 4))
            .Concat(Enumerable.Repeat(ErrorCode.RequestTimedOut, 4)).ToArray());
        var task = await Services.AddTask(User);
        for (var change = 0; change < 20; change++)
        {
            await Services.Change(task.Id, item => change % 2 == 0 ? item.Complete(DateTimeOffset.UtcNow) : item.Reopen(null, DateTimeOffset.UtcNow));
        }

        Assert.Equal(Enumerable.Range(1, 21).Select(version => (long)version), VersionsOf(await Consume(21), task.Id));
    }

    [Fact]
    public async Task What_the_broker_refuses_holds_up_its_own_key_only()
    {
        await Database.Execute(
            """
            insert into outbox (event_id, topic, key, shard, payload, created_at) values
                (gen_random_uuid(), 'task-events', 'a', 0, convert_to(repeat('x', 2000000), 'UTF8'), now()),
                (gen_random_uuid(), 'task-events', 'a', 0, 'second', now()),
                (gen_random_uuid(), 'task-events', 'b', 0, 'other', now())
            """);
        await Services.Sweep();
        Assert.Equal("other", Text(Assert.Single(await Consume(1))));
        Assert.Equal(2, await Waiting());

        await Database.Execute("update outbox set payload = 'first' where key = 'a' and length(payload) > 1000");
        await Services.Sweep();
        Assert.Equal(["first", "second"], (await Consume(3)).Where(record => record.Message.Key == "a").Select(Text));
    }

    [Fact]
    public async Task Several_processes_share_the_shards_and_publish_each_event_once()
    {
        var others = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => EventServices.Start(Database, Kafka.Brokers, settings: Settings)));
        var processes = others.Append(Services).ToArray();
        var tasks = await Task.WhenAll(Enumerable.Range(0, 12).Select(async writer =>
        {
            var process = processes[writer % processes.Length];
            var task = await process.AddTask(User);
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
        await Services.AddTask(User);
        var first = Read(Assert.Single(await Consume(1)));
        await Services.Sweep();

        await Database.Execute("update outbox set published_at = null"); // as if it had died before the mark
        await Services.Sweep();

        var records = await Consume(2);
        Assert.All(records, record => Assert.Equal(first.Id, Read(record).Id));
    }

    [Fact]
    public async Task A_relay_that_stops_waits_for_confirmations_and_marks_what_was_confirmed()
    {
        await Services.AddTask(User);
        await Consume(1); // the producer is connected
        await Services.Sweep();
        Kafka.AnswerAfter(TimeSpan.FromSeconds(1));
        var received = Kafka.Receive(KafkaRequest.Produce);
        for (var i = 0; i < 10; i++)
        {
            await Services.AddTask(User);
        }

        await received;
        await Services.Relay.StopAsync(CancellationToken.None);

        Kafka.AnswerAfter(TimeSpan.Zero);
        var marked = await Marked();
        Assert.True(marked > 1);
        Assert.Equal(marked, OnTheBrokers());
    }

    [Fact]
    public async Task What_is_not_confirmed_within_five_seconds_of_the_stop_keeps_nothing_else_from_being_marked()
    {
        var clock = new FakeClock(DateTimeOffset.UtcNow);
        long confirmed = 0;
        await using (var process = await EventServices.Start(Database, Kafka.Brokers, clock, [.. Settings, ("Kafka:DeliveryTimeout", "00:10:00")]))
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
            await process.AddTask(User);
            await Consume(1);
            await process.Sweep();
            Kafka.Down(1); // it leads one partition of three
            var received = Kafka.Receive(KafkaRequest.Produce);
            for (var i = 0; i < 30; i++)
            {
                await process.AddTask(User);
            }

            await received;
            var stopped = process.Relay.StopAsync(CancellationToken.None);
            await clock.TimerDueWithin(TimeSpan.FromSeconds(5));
            clock.Advance(TimeSpan.FromSeconds(5));
            await stopped.WaitAsync(TimeSpan.FromMinutes(2)); // the producer itself would wait for ten
        }

        Kafka.Up();
        Assert.InRange(confirmed, 1, 30); // the clock may leap before more than the first is
        Assert.Equal(confirmed, await Marked());
        Assert.InRange(await Marked(), 1, OnTheBrokers());
    }
}
