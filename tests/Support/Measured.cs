using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TodoFlow.Host;

namespace TodoFlow.Tests.Support;

/// <summary>What a host measures: the sums of its counters, for a test to await.</summary>
public sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _sums = new();
    private readonly Lock _sync = new();
    private readonly List<(string Instrument, long Sum, TaskCompletionSource Reached)> _waiters = [];

    /// <summary>Listens from now on.</summary>
    public Measured(HostApplication host)
    {
        var factory = host.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Scope == factory && !instrument.IsObservable)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument.Name, value));
        _listener.Start();
    }

    /// <summary>The sum of an instrument so far.</summary>
    public long Sum(string instrument) => _sums.GetValueOrDefault(instrument);

    /// <summary>Completes as soon as an instrument's sum is this; fails the test when it does not come to that.</summary>
    public Task Reaches(string instrument, long sum)
    {
        lock (_sync)
        {
            if (Sum(instrument) == sum)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((instrument, sum, reached));
            return reached.Task.WaitAsync(TimeSpan.FromMinutes(2));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Add(string instrument, long value)
    {
        lock (_sync)
        {
            var sum = _sums.AddOrUpdate(instrument, value, (_, before) => before + value);
            _waiters.RemoveAll(waiter => waiter.Instrument == instrument && waiter.Sum == sum && waiter.Reached.TrySetResult());
        }
    }
}
