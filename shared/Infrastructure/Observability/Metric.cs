using System.Diagnostics.Metrics;

namespace TodoFlow.Infrastructure.Observability;

/// <summary>What a metric is to Prometheus.</summary>
internal enum MetricKind
{
    /// <summary>A sum that only grows.</summary>
    Counter,

    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>Counts of values by size, and their sum.</summary>
    Histogram,
}

/// <summary>The measurements of an instrument, added up per set of tags. Finding a known set takes no lock and allocates nothing.</summary>
internal sealed class Metric
{
    /// <summary>How many sets of tags are kept apart; what comes after has one series together (as OpenTelemetry's SDKs do).</summary>
    public const int MaxSeries = 2000;

    // OpenTelemetry's advice for durations in seconds (semantic conventions, http.server.request.duration).
    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
    private static readonly double[] Amounts = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    private readonly bool _sets;
    private readonly bool _isObserved;
    private readonly double[] _bounds;
    private readonly Lock _sync = new();
    private readonly Place?[] _places = new Place?[256];
    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly Series _overflow;
    private bool _isFull;
    private bool _hasOverflown;
    private int _collection;

    private Metric(string name, string help, MetricKind kind, bool sets, bool isObserved, double[] bounds)
    {
        Name = name;
        Help = help;
        Kind = kind;
        _sets = sets;
        _isObserved = isObserved;
        _bounds = bounds;
        _overflow = new Series("otel_metric_overflow=\"true\"", bounds);
    }

    /// <summary>The name for Prometheus, with its unit.</summary>
    public string Name { get; }

    /// <summary>What is measured.</summary>
    public string Help { get; }

    /// <summary>What it is.</summary>
    public MetricKind Kind { get; }

    /// <summary>The upper bounds of a histogram's buckets.</summary>
    public IReadOnlyList<double> Bounds => _bounds;

    /// <summary>The series that have a value now.</summary>
    public IReadOnlyList<Series> Current
    {
        get
        {
            lock (_sync)
            {
                return [.. (_hasOverflown ? _series.Values.Append(_overflow) : _series.Values).Where(series => !_isObserved || series.Collection == _collection)];
            }
        }
    }

    /// <summary>The metric that an instrument is; null where it is of no known kind.</summary>
    public static Metric? For(Instrument instrument)
    {
        var type = instrument.GetType();
        var kind = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        var histogram = kind == typeof(Histogram<>);
        MetricKind? found =
            kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? MetricKind.Counter
            : histogram ? MetricKind.Histogram
            : kind == typeof(Gauge<>) || kind == typeof(UpDownCounter<>) || kind == typeof(ObservableGauge<>) || kind == typeof(ObservableUpDownCounter<>) ? MetricKind.Gauge
            : null;
        return found is not { } known ? null : new Metric(
            PrometheusText.Name(instrument.Name, instrument.Unit, known),
            instrument.Description ?? "",
            known,
            instrument.IsObservable || kind == typeof(Gauge<>),
            instrument.IsObservable,
            histogram ? Advised(instrument) ?? (instrument.Unit == "s" ? Seconds : Amounts) : []);
    }

    /// <summary>Adds a measurement. A histogram counts neither NaN nor infinity, as neither can be summed up.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(tags);
        if (Kind == MetricKind.Histogram)
        {
            if (double.IsFinite(value))
            {
                series.Observe(value, _bounds);
            }
        }
        else if (_sets)
        {
            series.Set(value, _collection);
        }
        else
        {
            series.Add(value);
        }
    }

    /// <summary>What observed instruments do not report from now on has no value any more.</summary>
    public void BeginCollection() => _collection++;

    private static double[]? Advised(Instrument instrument) => instrument switch
    {
        Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries?.ToArray(),
        Histogram<float> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToArray(),
        Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToArray(),
        Histogram<int> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToArray(),
        _ => null,
    };

    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = Hash(tags);
        for (var place = Volatile.Read(ref _places[hash & (_places.Length - 1)]); place is not null; place = place.Next)
        {
            if (place.Holds(hash, tags))
            {
                return place.Series;
            }
        }

        return _isFull ? Overflow() : Add(hash, tags);
    }

    // The same tags in another order are another place of the same series.
    private Series Add(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = PrometheusText.Labels(tags);
        lock (_sync)
        {
            if (!_series.TryGetValue(labels, out var series))
            {
                _isFull = _series.Count >= MaxSeries;
                if (_isFull)
                {
                    return Overflow();
                }

                _series[labels] = series = new Series(labels, _bounds);
            }

            ref var first = ref _places[hash & (_places.Length - 1)];
            Volatile.Write(ref first, new Place(hash, tags.ToArray(), series, first));
            return series;
        }
    }

    private Series Overflow()
    {
        _hasOverflown = true;
        return _overflow;
    }

    private static int Hash(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = tags.Length;
        foreach (var (name, value) in tags)
        {
            hash = unchecked((((hash * 31) + name.Length) * 31) + (value?.GetHashCode() ?? 0));
        }

        return hash;
    }

    private sealed class Place(int hash, KeyValuePair<string, object?>[] tags, Series series, Place? next)
    {
        public Series Series => series;

        public Place? Next => next;

        public bool Holds(int otherHash, ReadOnlySpan<KeyValuePair<string, object?>> others)
        {
            if (hash != otherHash || tags.Length != others.Length)
            {
                return false;
            }

            for (var index = 0; index < tags.Length; index++)
            {
                if (tags[index].Key != others[index].Key || !Equals(tags[index].Value, others[index].Value))
                {
                    return false;
                }
            }

            return true;
        }
    }
}

/// <summary>One line of a metric, or the lines of one histogram: the measurements with the same labels.</summary>
internal sealed class Series(string labels, double[] bounds)
{
    private readonly long[] _counts = bounds.Length == 0 ? [] : new long[bounds.Length + 1];
    private double _value;

    /// <summary>The labels as they are written.</summary>
    public string Labels => labels;

    /// <summary>The value; of a histogram, the sum.</summary>
    public double Value => Volatile.Read(ref _value);

    /// <summary>When it was last set, in collections.</summary>
    public int Collection { get; private set; }

    /// <summary>How many values of a histogram fell into each bucket, the one above all bounds last.</summary>
    public long[] Counts
    {
        get
        {
            var counts = new long[_counts.Length];
            for (var index = 0; index < counts.Length; index++)
            {
                counts[index] = Volatile.Read(ref _counts[index]);
            }

            return counts;
        }
    }

    public void Set(double value, int collection)
    {
        Volatile.Write(ref _value, value);
        Collection = collection;
    }

    public void Add(double value)
    {
        double before;
        do
        {
            before = Volatile.Read(ref _value);
        }
        while (Interlocked.CompareExchange(ref _value, before + value, before).Equals(before) is false);
    }

    // A bucket's bound belongs to it. Few bounds, most values small: in order is as fast as any search.
    public void Observe(double value, double[] upperBounds)
    {
        var bucket = 0;
        while (bucket < upperBounds.Length && value > upperBounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _counts[bucket]);
        Add(value);
    }
}
