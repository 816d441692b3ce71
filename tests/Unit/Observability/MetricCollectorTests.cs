using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Observability;
using Xunit;

namespace TodoFlow.Tests.Unit.Observability;

/// <summary>What the collector makes of measurements, held to Prometheus' text format 0.0.4.</summary>
public sealed class MetricCollectorTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MetricCollector _collector;
    private readonly Meter _meter;

    public MetricCollectorTests()
    {
        _meter = _services.GetRequiredService<IMeterFactory>().Create("TodoFlow");
        _collector = Collector(new MetricsSettings { Token = "a token of the tests" });
    }

    public void Dispose()
    {
        _collector.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void A_counter_adds_up_per_set_of_labels()
    {
        var counter = _meter.CreateCounter<long>("test.things.made", "{thing}", "Things that were made.");
        counter.Add(1, new("kind", "a"), new("size", 1));
        counter.Add(2, new("kind", "a"), new("size", 1));
        counter.Add(5, new KeyValuePair<string, object?>("kind", "b"));
        counter.Add(7);

        Assert.Equal(
            """
            # HELP test_things_made_total Things that were made.
            # TYPE test_things_made_total counter
            test_things_made_total{kind="a",size="1"} 3
            test_things_made_total{kind="b"} 5
            test_things_made_total 7

            """,
            Read("test_things_made"));
    }

    [Fact]
    public void The_order_of_tags_makes_no_second_series()
    {
        var counter = _meter.CreateCounter<long>("test.order");
        counter.Add(1, new("a", "1"), new("b", "2"));
        counter.Add(1, new("b", "2"), new("a", "1"));

        Assert.Contains("test_order_total{a=\"1\",b=\"2\"} 2\n", Read("test_order"), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_and_descriptions_are_escaped_and_names_are_made_valid()
    {
        var counter = _meter.CreateCounter<double>("test.odd-name.1", "s", "A \\ and\na line.");
        counter.Add(0.5, new KeyValuePair<string, object?>("a.b", "quote \" slash \\ line\nend"), new("a-b", "twice"), new("1st", null));

        Assert.Equal(
            """
            # HELP test_odd_name_1_seconds_total A \\ and\na line.
            # TYPE test_odd_name_1_seconds_total counter
            test_odd_name_1_seconds_total{_st="",a_b="quote \" slash \\ line\nend;twice"} 0.5

            """,
            Read("test_odd_name"));
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_a_sum_and_a_count()
    {
        var histogram = _meter.CreateHistogram(
            "test.wait", "s", "Waiting.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.01, 1] });
        foreach (var value in new[] { 0.001, 0.0011, 0.5, 1, 2, double.NaN, double.PositiveInfinity })
        {
            histogram.Record(value, new KeyValuePair<string, object?>("route", "a"));
        }

        Assert.Equal(
            """
            # HELP test_wait_seconds Waiting.
            # TYPE test_wait_seconds histogram
            test_wait_seconds_bucket{route="a",le="0.001"} 1
            test_wait_seconds_bucket{route="a",le="0.01"} 2
            test_wait_seconds_bucket{route="a",le="1"} 4
            test_wait_seconds_bucket{route="a",le="+Inf"} 5
            test_wait_seconds_sum{route="a"} 3.5021
            test_wait_seconds_count{route="a"} 5

            """,
            Read("test_wait"));
    }

    [Fact]
    public void A_gauge_shows_what_it_reports_now_and_nothing_of_before()
    {
        var reported = new List<Measurement<int>> { new(3, new KeyValuePair<string, object?>("lane", 1)), new(4, new KeyValuePair<string, object?>("lane", 2)) };
        _meter.CreateObservableGauge("test.lag", () => reported, "{record}", "Lag.");
        Assert.Contains("test_lag{lane=\"1\"} 3\ntest_lag{lane=\"2\"} 4\n", Read("test_lag"), StringComparison.Ordinal);

        reported.RemoveAt(0);
        Assert.Equal("# HELP test_lag Lag.\n# TYPE test_lag gauge\ntest_lag{lane=\"2\"} 4\n", Read("test_lag"));
    }

    [Fact]
    public void A_gauge_that_fails_does_not_cost_the_others()
    {
        _meter.CreateObservableGauge("test.broken", int () => throw new InvalidOperationException());
        _meter.CreateObservableGauge("test.fine", () => 1);

        Assert.Contains("test_fine 1\n", Read("test_fine"), StringComparison.Ordinal);
        Assert.DoesNotContain("\ntest_broken ", Read("test_broken"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_series_is_bounded()
    {
        var counter = _meter.CreateCounter<long>("test.many");
        for (var id = 0; id < Metric.MaxSeries + 10; id++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", id));
        }

        var lines = Read("test_many").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2 + Metric.MaxSeries + 1, lines.Length);
        Assert.Contains("test_many_total{otel_metric_overflow=\"true\"} 10", lines);
    }

    [Fact]
    public async Task Measurements_of_many_threads_are_all_counted()
    {
        var counter = _meter.CreateCounter<long>("test.threads");
        var histogram = _meter.CreateHistogram<double>("test.threads.time", "s");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var round = 0; round < 10_000; round++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("lane", round % 7));
                histogram.Record(1, new KeyValuePair<string, object?>("lane", thread % 2));
            }
        })));

        Assert.Equal(40_000, Values("test_threads_total").Sum());
        Assert.Equal(40_000, Values("test_threads_time_seconds_count").Sum());
        Assert.Equal(40_000, Values("test_threads_time_seconds_sum").Sum());

        IEnumerable<double> Values(string name) => Read(name).Split('\n').Where(line => line.StartsWith(name + "{", StringComparison.Ordinal))
            .Select(line => double.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Other_meters_and_other_hosts_are_left_out()
    {
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        other.GetRequiredService<IMeterFactory>().Create("TodoFlow").CreateCounter<long>("test.elsewhere").Add(1);
        _services.GetRequiredService<IMeterFactory>().Create("Somebody.Else").CreateCounter<long>("test.elsewhere").Add(1);

        Assert.DoesNotContain("test_elsewhere", _collector.Collect(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_measured_where_nobody_may_read_it()
    {
        using var off = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = off.GetRequiredService<IMeterFactory>();
        using var collector = new MetricCollector(meters, Options.Create(new MetricsSettings()), NullLogger<MetricCollector>.Instance);
        Assert.True(collector.StartAsync(CancellationToken.None).IsCompleted);

        meters.Create("TodoFlow").CreateCounter<long>("test.off").Add(1);
        Assert.Equal("", collector.Collect());
    }

    [Fact]
    public void A_token_that_can_be_guessed_is_refused()
    {
        Assert.Contains("Metrics:Token", Assert.Single(new MetricsSettings { Token = "short" }.Check()), StringComparison.Ordinal);
        Assert.Empty(new MetricsSettings { Token = "" }.Check());
        Assert.Empty(new MetricsSettings { Token = "a token of the tests" }.Check());
    }

    private MetricCollector Collector(MetricsSettings settings)
    {
        var collector = new MetricCollector(_services.GetRequiredService<IMeterFactory>(), Options.Create(settings), NullLogger<MetricCollector>.Instance);
        collector.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        return collector;
    }

    private string Read(string prefix) => string.Concat(_collector.Collect().Split('\n')
        .Where(line => line.Split(' ', 4) is var words && (words[0] == "#" ? words[2] : words[0]).StartsWith(prefix, StringComparison.Ordinal))
        .Select(line => line + "\n"));
}
