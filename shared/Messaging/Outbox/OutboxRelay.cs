using Microsoft.Extensions.Logging;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Messaging.Outbox;

/// <summary>Moves events from the outbox to where consumers read them: in the order of their keys, at least once.</summary>
public abstract class OutboxRelay(TimeProvider clock, ILogger log) : DueQueue(clock, log)
{
    /// <summary>The first key of the relays' advisory locks. They belong to transactions, so neither a crash nor a pooler leaves one held.</summary>
    internal const int LockSpace = 0x6F7574; // ours to choose; must never change

    // Moving many events costs about as much as moving one, here and in those that read them. So while so many transactions commit, what they announce
    // comes together: for a fraction of what a request takes then. With few of them each event is moved at once.
    private const int Many = 4;
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(25);

    private readonly Lock _sync = new();
    private readonly HashSet<short> _gathered = [];
    private bool _isGathering;
    private int _commits;
    private long _since;

    /// <summary>Says that a transaction has committed new events in these shards. Returns at once.</summary>
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

            if (Clock.GetElapsedTime(_since) > Gathering)
            {
                (_since, _commits) = (Clock.GetTimestamp(), 0);
            }

            if (++_commits == Many)
            {
                (_isGathering, _commits) = (true, 0);
                _ = Gather();
            }
        }

        Move(shards);
    }

    /// <summary>Moves what waits in these shards. Returns at once.</summary>
    protected virtual void Move(IReadOnlySet<short> shards) => Kick();

    private async Task Gather()
    {
        bool goOn;
        do
        {
            await Task.Delay(Gathering, Clock);
            HashSet<short> shards;
            lock (_sync)
            {
                shards = [.. _gathered];
                _gathered.Clear();
                goOn = _isGathering = _commits >= Many;
                _commits = 0;
            }

            if (shards.Count > 0)
            {
                Move(shards);
            }
        }
        while (goOn);
    }
}
