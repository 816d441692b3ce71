using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Kafka;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Host;

public sealed class BatchGathererTests
{
    private const int MaxRecords = 5;

    private readonly FakeClock _clock = new();
    private readonly Observed<Invocation> _invocations = new();
    private readonly BatchGatherer _batches;

    public BatchGathererTests() => _batches = new(
        MaxRecords, async (records, _, lost) => await Invoke(records, lost) ? records.Count : 0, Invoke, _clock);

    [Fact]
    public async Task What_comes_during_an_invocation_is_one_batch_each_partition_in_its_order()
    {
        var first = Run(Records(1, 0));
        var running = await _invocations.Next();
        var (second, third) = (Run(Records(2, 0, 1)), Run(Records(3, 7)));
        Assert.True(_invocations.IsEmpty);

        running.Succeeds();
        Assert.Equal(1, await first);
        var together = await _invocations.Next();
        Assert.Equal([(2, 0), (2, 1), (3, 7)], together.Places);
        together.Succeeds();
        Assert.Equal((2, 1), (await second, await third));

        var last = Run(Records(3, 8)); // nothing is in flight any more
        (await _invocations.Next()).Succeeds();
        Assert.Equal(1, await last);
    }

    [Fact]
    public async Task A_batch_of_several_partitions_that_fails_is_run_partition_by_partition()
    {
        var running = await Begin();
        var (second, third) = (Run(Records(2, 0)), Run(Records(3, 0)));
        running.Succeeds();
        (await _invocations.Next()).Fails();

        var alone = new[] { await _invocations.Next(), await _invocations.Next() }.OrderBy(one => one.Places[0]).ToList();
        Assert.Equal([[(2, 0)], [(3, 0)]], alone.Select(one => one.Places));
        var next = Run(Records(4, 0)); // those that are retried hold up nobody
        (await _invocations.Next()).Succeeds();
        Assert.Equal(1, await next);
        alone[1].Succeeds();
        Assert.Equal(1, await third);
        alone[0].Fails();
        Assert.Equal(0, await second);
    }

    [Fact]
    public async Task An_invocation_that_takes_long_holds_up_others_for_its_turn_only()
    {
        var running = await Begin();
        var (second, third) = (Run(Records(2, 0)), Run(Records(3, 0)));
        _clock.Advance(BatchGatherer.LongestTurn - TimeSpan.FromMilliseconds(1));
        Assert.True(_invocations.IsEmpty);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        (await _invocations.Next()).Succeeds();
        Assert.Equal((1, 1), (await second, await third));

        var fourth = Run(Records(4, 0));
        var later = await _invocations.Next();
        running.Succeeds(); // its turn has ended already: that of the fourth goes on
        var fifth = Run(Records(5, 0));
        Assert.True(_invocations.IsEmpty);
        later.Succeeds();
        (await _invocations.Next()).Succeeds();
        Assert.Equal((1, 1), (await fourth, await fifth));
    }

    [Fact]
    public async Task A_batch_has_no_more_records_than_an_invocation_gets_and_a_whole_one_waits_for_nobody()
    {
        var running = await Begin();
        var (second, third, fourth) = (Run(Records(2, 0, 1, 2)), Run(Records(3, 0, 1, 2)), Run(Records(4, 0, 1)));
        var whole = Run(Records(5, 0, 1, 2, 3, 4));
        var at = await _invocations.Next();
        Assert.Equal(MaxRecords, at.Places.Count);
        at.Succeeds();
        Assert.Equal(MaxRecords, await whole);

        running.Succeeds();
        var next = await _invocations.Next();
        Assert.Equal([(2, 0), (2, 1), (2, 2)], next.Places);
        next.Succeeds();
        next = await _invocations.Next();
        Assert.Equal([(3, 0), (3, 1), (3, 2), (4, 0), (4, 1)], next.Places);
        next.Succeeds();
        Assert.Equal((3, 3, 2), (await second, await third, await fourth));
    }

    [Fact]
    public async Task A_partition_that_stops_while_it_waits_is_left_to_its_next_owner()
    {
        var running = await Begin();
        using var stop = new CancellationTokenSource();
        var (second, third) = (Run(Records(2, 0), stop.Token), Run(Records(3, 0)));
        await stop.CancelAsync();
        Assert.Equal(0, await second);
        Assert.Equal(0, await Run(Records(2, 0), stop.Token));

        running.Succeeds();
        var next = await _invocations.Next();
        Assert.Equal([(3, 0)], next.Places);
        next.Succeeds();
        Assert.Equal(1, await third);
    }

    [Fact]
    public async Task A_partition_that_stops_while_it_is_run_with_others_is_finished()
    {
        var running = await Begin();
        using var stop = new CancellationTokenSource();
        var (second, third) = (Run(Records(2, 0)), Run(Records(3, 0), stop.Token));
        running.Succeeds();
        var together = await _invocations.Next();
        await stop.CancelAsync();
        together.Succeeds();
        Assert.Equal((1, 1), (await second, await third));
    }

    [Fact]
    public async Task A_partition_that_is_lost_ends_the_try_and_the_others_are_run_without_it()
    {
        var running = await Begin();
        using var lost = new CancellationTokenSource();
        var (second, third) = (Run(Records(2, 0)), Run(Records(3, 0), lost: lost.Token));
        running.Succeeds();
        await _invocations.Next();
        await lost.CancelAsync();

        var alone = new[] { await _invocations.Next(), await _invocations.Next() };
        Assert.Equal(0, await third); // its own try ends at once
        Assert.Single(alone, one => one.Places.Contains((2, 0))).Succeeds();
        Assert.Equal(1, await second);
    }

    private static List<KafkaRecord> Records(int partition, params int[] offsets) =>
        [.. offsets.Select(offset => new KafkaRecord { Topic = "t", Partition = partition, Offset = offset })];

    // An invocation that has its turn.
    private async Task<Invocation> Begin()
    {
        _ = Run(Records(1, 0));
        return await _invocations.Next();
    }

    private Task<int> Run(List<KafkaRecord> records, CancellationToken stopping = default, CancellationToken lost = default) => _batches.Run(records, stopping, lost);

    private async Task<bool> Invoke(IReadOnlyList<KafkaRecord> records, CancellationToken lost)
    {
        var invocation = new Invocation([.. records.Select(record => (record.Partition, (int)record.Offset))]);
        _invocations.Add(invocation);
        await using var ends = lost.Register(invocation.Fails);
        return await invocation.Result;
    }

    private sealed class Invocation(List<(int Partition, int Offset)> places)
    {
        private readonly TaskCompletionSource<bool> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<(int Partition, int Offset)> Places { get; } = places;

        public Task<bool> Result => _result.Task.WaitAsync(TimeSpan.FromMinutes(2));

        public void Succeeds() => _result.TrySetResult(true);

        public void Fails() => _result.TrySetResult(false);
    }
}
