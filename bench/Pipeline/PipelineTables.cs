using System.Globalization;
using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Pipeline;

/// <summary>The tables and the picture of the suite.</summary>
public static class PipelineTables
{
    private const double P95Target = 25;
    private const double SustainedTarget = 2000;
    private const double AfterOutage = 5; // seconds

    /// <summary>The tables, in Markdown.</summary>
    public static string Write(IReadOnlyList<TransportResult> results, TwinResult? twin, IReadOnlyList<OutageResult> outages, int rounds, int seconds)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        if (results.Count > 0)
        {
            WriteRates(text, results, twin, rounds, seconds);
            WriteSustained(text, results, twin);
        }

        if (outages.Count > 0)
        {
            text.WriteLine($"**After an outage** of all brokers, with five tasks a second created meanwhile (target: the first effect at most {AfterOutage:0} s after the bare client's first confirmed record). Times are from the instant that the brokers can be reached again; both clients tried all the time.");
            text.WriteLine();
            text.WriteLine("| brokers gone for | bare client: first record confirmed | first effect | last effect |");
            text.WriteLine("|---:|---:|---:|---:|");
            foreach (var outage in outages)
            {
                var bold = outage.FirstEffect - outage.Bare > 1000 * AfterOutage ? "**" : "";
                text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {outage.Seconds} s | {outage.Bare / 1000:0.0} s | {bold}{outage.FirstEffect / 1000:0.0} s{bold} | {outage.LastEffect / 1000:0.0} s |"));
            }

            text.WriteLine();
        }

        text.WriteLine("Bold: missed.");
        return text.ToString();
    }

    private static void WriteRates(StringWriter text, IReadOnlyList<TransportResult> results, TwinResult? twin, int rounds, int seconds)
    {
        text.WriteLine($"From sending `POST /api/tasks` until `RecordAudit` has committed its row; {rounds} rounds of {seconds} s for each rate, requests sent on schedule whether earlier ones were answered or not. Each task that is created is an event on two topics. The twin is a bare Confluent producer and consumer on the same broker, in alternating rounds. {(KafkaCluster.IsNamed ? "The brokers are those of `TODOFLOW_TEST_KAFKA`, in a process of their own." : "The broker is the mock cluster, in the benchmark's process.")}");
        text.WriteLine();
        text.WriteLine($"| | rate | reached | p50 | p95 (≤ {P95Target:0} ms at 100/s on postgres) | p99 | max | p50 as a multiple of the twin's | answered: p50 | p99 |");
        text.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        var rows = results.SelectMany(result => result.Rates.Select(rate => (Name: result.Transport, Rate: rate)))
            .Concat(results.SelectMany(result => result.Contender.Select(rate => (Name: $"{result.Transport}, contender", Rate: rate))))
            .Concat((twin?.Rates ?? []).Select(rate => (Name: "bare Kafka client", Rate: rate)));
        foreach (var (name, rate) in rows)
        {
            var bold = name == "postgres" && rate is { Rate: 100, Hosts: 1 } && rate.P95 > P95Target ? "**" : "";
            text.WriteLine($"| {Name(name, rate)} | {rate.Rate:N0}/s | {rate.Reached:N0}/s | {rate.P50:0.0} ms | {bold}{rate.P95:0.0} ms{bold} | {rate.P99:0.0} ms | {rate.Max:0} ms | {(rate.TimesTwin is { } times ? times.ToString("0.0", CultureInfo.InvariantCulture) : "")} | {rate.AnsweredP50:0.0} ms | {rate.AnsweredP99:0.0} ms |");
        }

        text.WriteLine();
    }

    private static void WriteSustained(StringWriter text, IReadOnlyList<TransportResult> results, TwinResult? twin)
    {
        text.WriteLine($"**Sustained** (target: ≥ {SustainedTarget:N0} events/s): each part in a process of its own, with a backlog to work off; then a whole host that starts with a backlog of created tasks. `PushTaskUpdates` reads what a relay in its process publishes meanwhile, and a device reads the messages.");
        text.WriteLine();
        text.WriteLine($"| events/s | {string.Join(" | ", results.Select(result => result.Transport))} |");
        text.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", results.Count))}");
        foreach (var part in results[0].Sustained.Select(part => part.Part))
        {
            text.WriteLine($"| {part} alone | {string.Join(" | ", results.Select(result => Rate(result.Sustained.Single(other => other.Part == part).PerSecond)))} |");
        }

        text.WriteLine($"| whole host, backlog of {results[0].CatchUp.Tasks:N0} tasks: relay | {string.Join(" | ", results.Select(result => Rate(result.CatchUp.RelayPerSecond)))} |");
        text.WriteLine($"| whole host: effects in `RecordAudit` | {string.Join(" | ", results.Select(result => Rate(result.CatchUp.ConsumersPerSecond)))} |");
        text.WriteLine($"| whole host: from its start until nothing is left | {string.Join(" | ", results.Select(result => result.CatchUp.Seconds.ToString("0.0 s", CultureInfo.InvariantCulture)))} |");
        if (twin is not null)
        {
            text.WriteLine($"| bare Kafka client | {string.Join(" | ", results.Select(result => result.Transport == "kafka" ? twin.PerSecond.ToString("N0", CultureInfo.InvariantCulture) : ""))} |");
        }

        text.WriteLine();
    }

    /// <summary>The picture.</summary>
    public static string Draw(IReadOnlyList<TransportResult> results, TwinResult? twin) => BarChart.Draw(
        "Pipeline: from a request to the consumer's effect", "milliseconds",
        [
            .. from result in results.Select(result => (result.Transport, result.Rates)).Append(("bare Kafka client", twin?.Rates ?? []))
               from rate in result.Item2
               from bar in new[] { ("p50", rate.P50), ("p95", rate.P95), ("p99", rate.P99) }
               select new Bar($"{Name(result.Item1, rate)}, {rate.Rate}/s", bar.Item1, bar.Item2, string.Create(CultureInfo.InvariantCulture, $"{bar.Item2:0.0} ms")),
        ],
        logarithmic: true);

    private static string Name(string transport, RateResult rate) => rate.Hosts == 1 ? transport : $"{transport}, {rate.Hosts} hosts";

    private static string Rate(double perSecond) =>
        string.Create(CultureInfo.InvariantCulture, $"{(perSecond < SustainedTarget ? "**" : "")}{perSecond:N0}{(perSecond < SustainedTarget ? "**" : "")}");
}
