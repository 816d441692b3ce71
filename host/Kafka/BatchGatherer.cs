using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Consumers;

namespace TodoFlow.Host.Kafka;

/// <summary>
/// Makes one batch of what partitions of a consumer have at the same time, so that many new events cost few transactions: one invocation has its turn,
/// and what comes meanwhile is run together at the next one. Nothing waits where nothing is in flight, and no invocation, however long it takes or is
/// retried, holds up other partitions beyond its turn. A partition that has a whole batch takes no turn, and one whose batch failed with others runs
/// by itself.
/// </summary>
/// <param name="maxRecords">How many records an invocation gets at most; 1 where they are not batched.</param>
/// <param name="run">Runs a partition's batch by itself, as <see cref="RecordInvoker.Run"/> does.</param>
/// <param name="tryTogether">Tries one of several partitions once, as <see cref="RecordInvoker.TryTogether"/> does.</param>
/// <param name="machine">The clock of turns; by default the machine's, since the application's may stand still in tests.</param>
internal sealed class BatchGatherer(
    int maxRecords, Func<IReadOnlyList<KafkaRecord>, CancellationToken, CancellationToken, Task<int>> run,
    Func<IReadOnlyList<KafkaRecord>, CancellationToken, Task<bool>> tryTogether, TimeProvider? machine = null)
{
    /// <summary>How long an invocation holds up others at most: about as long as the relay lets events come together.</summary>
    public static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(25);

    private readonly TimeProvider _machine = machine ?? TimeProvider.System;
    private readonly List<Part> _waiting = [];
    private readonly Lock _sync = new();
    private bool _isTaken;

    private enum Turn
    {
        /// <summary>The part runs, and those that were gathered with it.</summary>
        Leads,

        /// <summary>It has been run with others.</summary>
        Done,

        /// <summary>It failed with others.</summary>
        ByItself,

        /// <summary>Its partition was stopped while it waited.</summary>
        Left,
    }

    /// <summary>Runs the function for records of one partition, maybe together with those of others.</summary>
    /// <param name="records">At least one record, and at most as many as an invocation gets, in order.</param>
    /// <param name="stopping">No try begins any more for the partition; the one in flight goes on.</param>
    /// <param name="lost">Ends the try in flight too: the partition is another host's already.</param>
    /// <returns>How many records, from the first on, are dealt with, as <see cref="RecordInvoker.Run"/> says it.</returns>
    public async Task<int> Run(IReadOnlyList<KafkaRecord> records, CancellationToken stopping, CancellationToken lost)
    {
        if (records.Count == maxRecords)
        {
            return await run(records, stopping, lost);
        }

        var part = new Part(records, lost);
        Enter(part);
        await using var leaves = stopping.Register(() => Leave(part));
        return await part.Turn.Task switch
        {
            Turn.Leads => await Lead(part, stopping),
            Turn.Done => records.Count,
            Turn.Left => 0,
            _ => await run(records, stopping, lost),
        };
    }

    private async Task<int> Lead(Part part, CancellationToken stopping)
    {
        var others = part.Others;
        var hasEnded = false;
        var isDone = false;
        await using var longest = _machine.CreateTimer(_ => End(), null, LongestTurn, Timeout.InfiniteTimeSpan);
        try
        {
            if (others.Count == 0)
            {
                return await run(part.Records, stopping, part.Lost);
            }

            using var lost = CancellationTokenSource.CreateLinkedTokenSource([part.Lost, .. others.Select(one => one.Lost)]);
            isDone = await tryTogether([.. part.Records, .. others.SelectMany(one => one.Records)], lost.Token);
        }
        finally
        {
            End();
            others.ForEach(one => one.Turn.TrySetResult(isDone ? Turn.Done : Turn.ByItself));
        }

        return isDone ? part.Records.Count : await run(part.Records, stopping, part.Lost);

        void End()
        {
            if (!Interlocked.Exchange(ref hasEnded, true))
            {
                Next();
            }
        }
    }

    private void Enter(Part part)
    {
        lock (_sync)
        {
            _waiting.Add(part);
            if (_isTaken)
            {
                return;
            }

            _isTaken = true;
        }

        Next();
    }

    private void Leave(Part part)
    {
        lock (_sync)
        {
            if (!_waiting.Remove(part))
            {
                return; // in flight
            }
        }

        part.Turn.TrySetResult(Turn.Left);
    }

    private void Next()
    {
        List<Part> taken = [];
        lock (_sync)
        {
            var count = 0;
            taken.AddRange(_waiting.TakeWhile(one => (count += one.Records.Count) <= maxRecords));
            _waiting.RemoveRange(0, taken.Count);
            _isTaken = taken.Count > 0;
        }

        if (taken is [var first, .. var others])
        {
            first.Others = others;
            first.Turn.TrySetResult(Turn.Leads);
        }
    }

    // What one partition has.
    private sealed class Part(IReadOnlyList<KafkaRecord> records, CancellationToken lost)
    {
        public IReadOnlyList<KafkaRecord> Records { get; } = records;

        public CancellationToken Lost { get; } = lost;

        public TaskCompletionSource<Turn> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<Part> Others { get; set; } = [];
    }
}
