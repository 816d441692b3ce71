using System.Globalization;
using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Pipeline;

/// <summary>
/// From sending a request until the event of its change has taken effect in a consumer: commit, relay, transport, consumer, commit;
/// and how many events a second the relay and the consumers keep up with, over both transports.
/// </summary>
public static class PipelineBench
{
    /// <summary>Measures both transports, and the bare client on the same broker.</summary>
    public static async Task Run(BenchOptions options)
    {
        var machine = await Machine.Describe(options.Server);
        var seconds = options.Seconds ?? (options.IsQuick ? 4 : 20);
        var backlog = options.IsQuick ? 5_000 : 100_000;
        var results = new List<TransportResult>();
        if (options.Only is null or "postgres")
        {
            results.Add(await Measure("postgres", options, seconds, backlog, ("Events__Transport", "postgres")));
        }

        var twin = default(TwinResult);
        if (options.Only is null or "kafka")
        {
            using var kafka = KafkaCluster.StartMock();
            await AddTopics(kafka);
            results.Add(await Measure(
                "kafka", options, seconds, backlog, ("Events__Transport", "kafka"), ("Kafka__Brokers", kafka.Brokers),
                ("Kafka__Consumer__FetchWaitMaxMs", "5"))); // unlike a broker, the mock answers an empty fetch only then
            twin = await BareKafka.Measure(kafka, seconds, backlog);
            Console.WriteLine($"  {twin}");
        }

        var page = new PerformancePage("pipeline", machine, $"./todoflow bench pipeline{(options.IsQuick ? " --quick" : "")}");
        await page.Publish(PipelineTables.Write(results, twin, seconds), PipelineTables.Draw(results, twin), new { SecondsPerRate = seconds, Backlog = backlog, Transports = results, BareKafka = twin }, options.IsWhole);
    }

    private static async Task<TransportResult> Measure(
        string transport, BenchOptions options, int seconds, int backlog, params (string Name, string Value)[] settings)
    {
        Console.WriteLine($"{transport}:");
        var database = await BenchDatabase.Create(options.Server);
        var pipeline = await Pipeline.Over(database);
        var rates = new List<RateResult>();
        await using (var host = await BenchHost.StartOn(database, settings))
        {
            await pipeline.Create(host, 100, 3); // to warm up
            foreach (var rate in new[] { 100, 1000 })
            {
                var result = await pipeline.Create(host, rate, seconds);
                Console.WriteLine($"  {result}");
                rates.Add(result);
            }
        }

        // Events that wait when the host starts: what relay and consumers do when nothing else is to be done.
        await pipeline.Announce(backlog);
        var catchUp = await pipeline.CatchUp(settings, backlog);
        Console.WriteLine($"  {catchUp}");
        await BenchDatabase.Drop(options.Server, database);
        return new(transport, rates, catchUp);
    }

    private static async Task AddTopics(KafkaCluster kafka)
    {
        foreach (var topic in new[] { "task-events", "task-updates", "reminders" })
        {
            await kafka.AddTopic(topic);
            await kafka.AddTopic($"{topic}.dead-letter");
        }
    }
}

/// <summary>The time from sending a request to the effect, at a rate.</summary>
/// <param name="Rate">Requests that were sent a second, each at its time, whether the ones before were answered or not.</param>
/// <param name="Reached">Effects a second, from the first request to the last effect.</param>
/// <param name="AnsweredP50">The median from sending to the answer, milliseconds.</param>
/// <param name="AnsweredP99">The 99th percentile of it.</param>
/// <param name="P50">The median from sending to the effect's commit.</param>
/// <param name="P95">The 95th percentile.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="Max">The longest.</param>
public sealed record RateResult(int Rate, double Reached, double AnsweredP50, double AnsweredP99, double P50, double P95, double P99, double Max)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Rate}/s ({Reached:0} reached): p50 {P50:0.0}, p95 {P95:0.0}, p99 {P99:0.0}, max {Max:0} ms; answered p50 {AnsweredP50:0.0}, p99 {AnsweredP99:0.0} ms");
}

/// <summary>How fast a backlog was worked off.</summary>
/// <param name="Tasks">So many tasks had been created; each announces an event on each of two topics.</param>
/// <param name="RelayPerSecond">Events a second that the relay published while the consumers read.</param>
/// <param name="ConsumersPerSecond">Events a second that took effect, the start of the host included.</param>
/// <param name="Seconds">From the start of the host until nothing was left.</param>
public sealed record CatchUpResult(int Tasks, double RelayPerSecond, double ConsumersPerSecond, double Seconds)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"backlog of {Tasks:N0} tasks: {Seconds:0.0} s; relay {RelayPerSecond:N0} events/s, effects {ConsumersPerSecond:N0}/s");
}

/// <summary>A transport's figures.</summary>
public sealed record TransportResult(string Transport, IReadOnlyList<RateResult> Rates, CatchUpResult CatchUp);

/// <summary>The tables and the picture of the suite.</summary>
public static class PipelineTables
{
    private const double P95Target = 25;
    private const double SustainedTarget = 2000;

    /// <summary>The tables, in Markdown.</summary>
    public static string Write(IReadOnlyList<TransportResult> results, TwinResult? twin, int seconds)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"From sending `POST /api/tasks` until `RecordAudit` has committed its row; {seconds} s for each rate, requests sent on schedule whether earlier ones were answered or not. The twin is a bare Confluent producer and consumer on the same mock broker.");
        text.WriteLine();
        text.WriteLine($"| | rate | reached | p50 | p95 (≤ {P95Target:0} ms at 100/s on postgres) | p99 | max | answered: p50 | p99 |");
        text.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var result in results)
        {
            foreach (var rate in result.Rates)
            {
                var bold = result.Transport == "postgres" && rate.Rate == 100 && rate.P95 > P95Target ? "**" : "";
                text.WriteLine($"| {result.Transport} | {rate.Rate:N0}/s | {rate.Reached:N0}/s | {rate.P50:0.0} ms | {bold}{rate.P95:0.0} ms{bold} | {rate.P99:0.0} ms | {rate.Max:0} ms | {rate.AnsweredP50:0.0} ms | {rate.AnsweredP99:0.0} ms |");
            }
        }

        foreach (var rate in twin?.Rates ?? [])
        {
            text.WriteLine($"| bare Kafka client | {rate.Rate:N0}/s | {rate.Reached:N0}/s | {rate.P50:0.0} ms | {rate.P95:0.0} ms | {rate.P99:0.0} ms | {rate.Max:0} ms | | |");
        }

        text.WriteLine();
        text.WriteLine($"**A backlog, with nothing else to do** (target: ≥ {SustainedTarget:N0} events/s sustained)");
        text.WriteLine();
        text.WriteLine("| | tasks created | until nothing is left | relay | effects in the consumer |");
        text.WriteLine("|---|---:|---:|---:|---:|");
        foreach (var result in results)
        {
            var (relay, consumers) = (result.CatchUp.RelayPerSecond >= SustainedTarget ? "" : "**", result.CatchUp.ConsumersPerSecond >= SustainedTarget ? "" : "**");
            text.WriteLine($"| {result.Transport} | {result.CatchUp.Tasks:N0} | {result.CatchUp.Seconds:0.0} s | {relay}{result.CatchUp.RelayPerSecond:N0} events/s{relay} | {consumers}{result.CatchUp.ConsumersPerSecond:N0} events/s{consumers} |");
        }

        if (twin is not null)
        {
            text.WriteLine($"| bare Kafka client | | | {twin.PerSecond:N0} records/s | |");
        }

        text.WriteLine();
        text.WriteLine("Bold: missed.");
        return text.ToString();
    }

    /// <summary>The picture.</summary>
    public static string Draw(IReadOnlyList<TransportResult> results, TwinResult? twin) => BarChart.Draw(
        "Pipeline: from a request to the consumer's effect", "milliseconds",
        [
            .. from result in results.Select(result => (result.Transport, result.Rates)).Append(("bare Kafka client", twin?.Rates ?? []))
               from rate in result.Item2
               from bar in new[] { ("p50", rate.P50), ("p95", rate.P95), ("p99", rate.P99) }
               select new Bar($"{result.Item1}, {rate.Rate}/s", bar.Item1, bar.Item2, string.Create(CultureInfo.InvariantCulture, $"{bar.Item2:0.0} ms")),
        ],
        logarithmic: true);
}
