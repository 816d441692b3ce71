using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Messaging.Outbox;

/// <summary>Moves events from the outbox to where consumers read them: in the order of their keys, at least once.</summary>
/// <param name="clock">The clock by which retries fall due.</param>
/// <param name="log">Where failures are told.</param>
/// <param name="machine">The clock by which events are gathered: the machine's where null, since it is about its load, whatever the time is.</param>
public abstract class OutboxRelay(TimeProvider clock, ILogger log, TimeProvider? machine = null) : DueQueue(clock, log)
{
    /// <summary>The first key of the relays' advisory locks. They belong to transactions, so neither a crash nor a pooler leaves one held.</summary>
    internal const int LockSpace = 0x6F7574; // ours to choose; must never change

    // Moving many events costs about as much as moving one, here and in those that read them. So while so many transactions commit, what they announce
    // comes together: for a fraction of what a request takes then. With few of them each event is moved at once.
    private const int Many = 4;
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(25);

    private readonly TimeProvider _machine = machine ?? TimeProvider.System;
    private readonly Lock _sync = new();
    private readonly HashSet<short> _gathered = [];
    private readonly Channel<bool> _gatherings = Channel.CreateUnbounded<bool>();
    private bool _isGathering;
    private int _commits;
    private long _since;

    /// <summary>
    /// Says that a transaction has committed new events in these shards. Returns at once; they are moved at once, too, or within 25 ms where many
    /// transactions commit.
    /// </summary>
    public void Kick(IReadOnlySet<short> shards)
    {
        lock (_sync)
        {
            if (_isGathering)
            {
                _commits++;
                _gathered.UnionWith(shards);
                return;
            }

            if (_machine.GetElapsedTime(_since) > Gathering)
            {
                (_since, _commits) = (_machine.GetTimestamp(), 0);
            }

            if (++_commits == Many)
            {
                (_isGathering, _commits) = (true, 0);
                _gatherings.Writer.TryWrite(true);
            }
        }

        Move(shards);
    }

    /// <summary>Moves what waits in these shards. Returns at once.</summary>
    protected virtual void Move(IReadOnlySet<short> shards) => Kick();

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(base.ExecuteAsync(stoppingToken), Gather(stoppingToken));

    private async Task Gather(CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            while (await _gatherings.Reader.ReadAsync(stopping))
            {
                do
                {
                    await Task.Delay(Gathering, _machine, stopping);
                }
                while (MoveGathered());
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process stops: what was gathered is moved by others, or by its next start, as whatever it commits from now on.
        }
    }

    /// <returns>Whether so many came together that it goes on.</returns>
    private bool MoveGathered()
    {
        HashSet<short> shards;
        bool many;
        lock (_sync)
        {
            shards = [.. _gathered];
            many = _isGathering = _commits >= Many;
            _gathered.Clear();
            _commits = 0;
        }

        if (shards.Count > 0)
        {
            Move(shards);
        }

        return many;
    }
}
