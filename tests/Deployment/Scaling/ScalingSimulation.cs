namespace TodoFlow.Tests.Deployment.Scaling;

/// <summary>Plays a trace: how late reminders ring and next occurrences follow, and what pods it takes besides those of api and the hub.</summary>
public sealed class ScalingSimulation
{
    private const double Step = 0.1;

    // From a cause to where its event can be read.
    private const double Relay = 0.05;

    private readonly ScalingSettings _settings;
    private readonly Trace _trace;
    private readonly Dictionary<string, SimulatedGroup> _groups;
    private readonly PriorityQueue<Action, double> _events = new();
    private double _lastEvent = double.NegativeInfinity;
    private int _known;
    private int _made;
    private int _rung;

    private ScalingSimulation(ScalingSettings settings, Trace trace)
    {
        _settings = settings;
        _trace = trace;

        // Records a second, deliberately low: keda/README.md. Reminders are fired in batches.
        var rates = new Dictionary<string, double> { ["audit"] = 100, ["notifier"] = 50, ["recurrence"] = 50, ["scheduler"] = 1000 };
        _groups = settings.Groups.ToDictionary(
            group => group.Key, group => new SimulatedGroup(group.Value, settings.CooldownPeriod, settings.IsWarm ? 1 : 0, rates[group.Key]));
    }

    /// <summary>How late each reminder rang, in seconds.</summary>
    public List<double> Reminders { get; } = [];

    /// <summary>How long after each completion the next occurrence followed, in seconds.</summary>
    public List<double> Occurrences { get; } = [];

    /// <summary>Pod-hours a day.</summary>
    public double PodHours => _groups.Values.Sum(group => group.PodSeconds) / 3600 * 24 / _trace.Hours;

    /// <summary>Pods that were started, a day.</summary>
    public double Started => _groups.Values.Sum(group => group.Started) * 24 / _trace.Hours;

    /// <summary>How often the group that was started most often was, in the whole trace.</summary>
    public int MostStarted => _groups.Values.Max(group => group.Started);

    /// <summary>Plays a trace to its end.</summary>
    public static ScalingSimulation Run(ScalingSettings settings, Trace trace)
    {
        var simulation = new ScalingSimulation(settings, trace);
        simulation.Play();
        return simulation;
    }

    private void Play()
    {
        foreach (var time in _trace.Created)
        {
            _events.Enqueue(() => Raise(new(time, null), "audit", "recurrence"), time + Relay);
        }

        foreach (var time in _trace.Completed)
        {
            _events.Enqueue(() => Raise(new(time, Occurred), "recurrence", "audit"), time + Relay);
        }

        foreach (var (made, _) in _trace.Reminders.Where(reminder => reminder.Made > 0))
        {
            _events.Enqueue(() => Raise(new(made, null), "notifier", "audit"), made + Relay);
        }

        var steps = (long)(_trace.Hours * 3600 / Step);
        for (var i = 1L; i <= steps; i++)
        {
            Advance(i * Step);
        }
    }

    private void Advance(double now)
    {
        while (_events.TryPeek(out var raise, out var time) && time <= now)
        {
            _events.Dequeue();
            raise();
            _lastEvent = now;
        }

        for (; _rung < _trace.Reminders.Count && _trace.Reminders[_rung].Due <= now; _rung++)
        {
            _groups["scheduler"].Add(new(_trace.Reminders[_rung].Due, Fired));
        }

        var recent = now - _lastEvent <= _settings.RecentMinutes * 60;
        var due = Due(now);
        foreach (var (name, group) in _groups)
        {
            group.Advance(now, Step, _settings.Groups[name].WakesByDue ? due : 0, recent && _settings.Groups[name].WakesByRecent);
        }
    }

    // What the query counts: reminders that are made, not fired yet, and due within its horizon.
    private int Due(double now)
    {
        while (_made < _trace.Reminders.Count && _trace.Reminders[_made].Made <= now && _trace.Reminders[_made].Due <= now + _settings.Ahead)
        {
            _made++;
        }

        return _made - _known;
    }

    private void Fired(SimulatedGroup.Work reminder, double now)
    {
        _known++;
        _events.Enqueue(() => Raise(new(reminder.Since, Rang), "notifier", "audit"), now + Relay);
    }

    private void Rang(SimulatedGroup.Work reminder, double now)
    {
        Reminders.Add(now - reminder.Since);
        _events.Enqueue(() => Raise(new(now, null), "notifier", "audit"), now + Relay); // that it was sent
    }

    private void Occurred(SimulatedGroup.Work completion, double now) => Occurrences.Add(now - completion.Since);

    private void Raise(SimulatedGroup.Work work, string measured, string other)
    {
        _groups[measured].Add(work);
        _groups[other].Add(new(work.Since, null));
    }
}
