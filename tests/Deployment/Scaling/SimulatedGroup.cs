namespace TodoFlow.Tests.Deployment.Scaling;

/// <summary>
/// A Deployment that KEDA and the HorizontalPodAutoscaler scale, by their documented rules, and what waits for its pods. Times are seconds.
/// </summary>
/// <param name="settings">How it is scaled.</param>
/// <param name="cooldown">KEDA's cooldownPeriod.</param>
/// <param name="alwaysUp">Pods of another group that do its work too.</param>
/// <param name="rate">How many records a pod works off in a second.</param>
public sealed class SimulatedGroup(GroupSettings settings, int cooldown, int alwaysUp, double rate)
{
    /// <summary>From the decision to a pod that works: scheduled, its image at hand, the host started.</summary>
    public const double PodStart = 2.5;

    // The defaults of Kubernetes: HorizontalPodAutoscaler's sync period, tolerance, and stabilisation when scaling down.
    private const double SyncPeriod = 15;
    private const double Tolerance = 0.1;
    private const double Stabilisation = 300;

    // What is worked off is lag to KEDA until the consumer has committed it.
    private const double CommitInterval = 0.2;

    private readonly Queue<Work> _waiting = [];
    private readonly Queue<double> _uncommitted = []; // when each was worked off
    private readonly List<double> _ready = []; // when each pod is
    private readonly List<(double Time, int Pods)> _recommended = [];
    private double _nextPoll = settings.PollingInterval / 2.0;
    private double _nextSync = SyncPeriod;
    private double _lastActive = double.NegativeInfinity;
    private double _credit;

    /// <summary>What waits.</summary>
    /// <param name="Since">When its cause was.</param>
    /// <param name="Done">What follows; null where nobody looks.</param>
    public readonly record struct Work(double Since, Action<Work, double>? Done);

    /// <summary>The seconds that pods have run, those that start included.</summary>
    public double PodSeconds { get; private set; }

    /// <summary>How many pods were started.</summary>
    public int Started { get; private set; }

    private int Lag => _waiting.Count + _uncommitted.Count;

    /// <summary>Adds work.</summary>
    public void Add(Work work) => _waiting.Enqueue(work);

    /// <summary>Lets a step pass.</summary>
    /// <param name="now">Its end.</param>
    /// <param name="step">Its length.</param>
    /// <param name="ahead">Other work that a pod is wanted for soon; 0 where its trigger has none.</param>
    /// <param name="recent">Whether there was an event lately.</param>
    public void Advance(double now, double step, int ahead, bool recent)
    {
        WorkOff(now, step);
        if (now >= _nextPoll)
        {
            _nextPoll += settings.PollingInterval;
            Poll(now, ahead, recent);
        }

        if (now >= _nextSync)
        {
            _nextSync += SyncPeriod;
            Sync(now, ahead, recent);
        }

        PodSeconds += _ready.Count * step;
    }

    private void WorkOff(double now, double step)
    {
        var pods = alwaysUp + _ready.Count(ready => ready <= now);
        _credit = Math.Min(_credit + (pods * rate * step), Math.Max(1, pods * rate * step));
        for (; pods > 0 && _credit >= 1 && _waiting.TryDequeue(out var work); _credit--)
        {
            work.Done?.Invoke(work, now);
            _uncommitted.Enqueue(now);
        }

        while (_uncommitted.TryPeek(out var done) && done <= now - CommitInterval)
        {
            _uncommitted.Dequeue();
        }
    }

    // KEDA: from zero to one where a trigger is above its activation; to zero when none was for the cooldown.
    private void Poll(double now, int ahead, bool recent)
    {
        if (Lag > settings.Activation || ahead > settings.Activation || recent)
        {
            _lastActive = now;
            if (_ready.Count == 0)
            {
                Scale(1, now);
            }
        }
        else if (_ready.Count > 0 && now - _lastActive >= cooldown)
        {
            Scale(0, now);
            _recommended.Clear();
        }
    }

    // The autoscaler: the most that any metric wants, at most doubled or four more; down only to the most of the last five minutes.
    private void Sync(double now, int ahead, bool recent)
    {
        if (_ready.Count == 0)
        {
            return;
        }

        var wanted = new[] { Wanted(Lag, settings.Target), Wanted(ahead, settings.Target), recent ? 1 : 0 }.Max();
        wanted = Math.Clamp(wanted, 1, settings.MaxReplicas);
        _recommended.RemoveAll(earlier => earlier.Time < now - Stabilisation);
        _recommended.Add((now, wanted));
        Scale(wanted > _ready.Count
            ? Math.Min(wanted, Math.Max(_ready.Count * 2, _ready.Count + 4))
            : Math.Min(_ready.Count, _recommended.Max(earlier => earlier.Pods)), now);
    }

    private int Wanted(int value, int target)
    {
        var ratio = (double)value / (target * _ready.Count);
        return Math.Abs(ratio - 1) <= Tolerance ? _ready.Count : (int)Math.Ceiling((double)value / target);
    }

    private void Scale(int pods, double now)
    {
        while (_ready.Count > pods)
        {
            _ready.RemoveAt(_ready.Count - 1);
        }

        for (; _ready.Count < pods; Started++)
        {
            _ready.Add(now + PodStart);
        }
    }
}
