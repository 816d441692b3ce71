using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TodoFlow.Infrastructure.Observability;

/// <summary>
/// Adds up what this process measures, for <c>GET /metrics</c>: the meters of TodoFlow, of its database driver, of ASP.NET Core and of
/// the runtime. It listens only where the settings let somebody read it; otherwise measuring costs nothing.
/// </summary>
public sealed partial class MetricCollector : IHostedService, IDisposable
{
    private static readonly FrozenSet<string> Meters = FrozenSet.ToFrozenSet(
        ["TodoFlow", "Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http.Connections", "System.Runtime"]);

    // Several measurements for each command, of things that nobody looks at.
    private static readonly FrozenSet<string> LeftOut = FrozenSet.ToFrozenSet(
        ["db.client.operation.npgsql.bytes_read", "db.client.operation.npgsql.bytes_written", "db.client.operation.npgsql.executing"]);

    private readonly ConcurrentDictionary<string, Metric> _metrics = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly Lock _collecting = new();
    private readonly IMeterFactory _factory;
    private readonly MetricsSettings _settings;
    private readonly ILogger<MetricCollector> _log;

    /// <summary>Prepares to listen to the meters of one host, and to those that belong to none.</summary>
    public MetricCollector(IMeterFactory factory, IOptions<MetricsSettings> settings, ILogger<MetricCollector> log)
    {
        _factory = factory;
        _settings = settings.Value;
        _log = log;
        _listener.InstrumentPublished = Published;
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, metric) => ((Metric)metric!).Record(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, metric) => ((Metric)metric!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, metric) => ((Metric)metric!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, metric) => ((Metric)metric!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, metric) => ((Metric)metric!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, metric) => ((Metric)metric!).Record(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, metric) => ((Metric)metric!).Record((double)value, tags));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_settings.AreServed)
        {
            _listener.Start();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>What was measured so far, and what gauges say now, as Prometheus reads it.</summary>
    public string Collect()
    {
        lock (_collecting)
        {
            foreach (var metric in _metrics.Values)
            {
                metric.BeginCollection();
            }

            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException error) // of one gauge or more; the others are there
            {
                LogFailed(error);
            }

            return PrometheusText.Write(_metrics.Values);
        }
    }

    // Meters without a scope are the process'; others belong to the host whose factory made them.
    private void Published(Instrument instrument, MeterListener listener)
    {
        if (!Meters.Contains(instrument.Meter.Name) || LeftOut.Contains(instrument.Name)
            || (instrument.Meter.Scope is { } scope && scope != _factory)
            || Metric.For(instrument) is not { } described)
        {
            return;
        }

        // Instruments of one name are one metric; of two kinds they cannot be, and the first has it.
        var metric = _metrics.GetOrAdd(described.Name, described);
        if (metric.Kind == described.Kind)
        {
            listener.EnableMeasurementEvents(instrument, metric);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A gauge could not be read")]
    private partial void LogFailed(Exception error);
}
