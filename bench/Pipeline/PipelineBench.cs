using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Pipeline;

/// <summary>
/// From sending a request until the event of its change has taken effect in a consumer: commit, relay, transport, consumer, commit;
/// and how many events a second the relay and the consumers keep up with, over both transports.
/// </summary>
public static class PipelineBench
{
    // The mock cluster keeps 5 MiB of a partition, and forgets what is older whether it is read or not: room for the whole backlog.
    private const int Partitions = 24;

    private static readonly int[] Rates = [100, 1000];

    /// <summary>Measures both transports, and the bare client on the same broker.</summary>
    public static async Task Run(BenchOptions options)
    {
        options.RequirePart("postgres", "kafka");
        var machine = await Machine.Describe(options.Server);
        var (rounds, seconds) = (options.Rounds ?? (options.IsQuick ? 1 : 3), options.Seconds ?? (options.IsQuick ? 3 : 10));
        var (sustained, backlog) = options.IsQuick ? (2_000, 5_000) : (20_000, 100_000);
        var results = new List<TransportResult>();
        var twin = default(TwinResult);
        if (options.Only is null or "postgres")
        {
            results.Add((await Measure("postgres", options.Server, rounds, seconds, sustained, backlog, null, ("Events__Transport", "postgres"))).Result);
        }

        if (options.Only is null or "kafka")
        {
            using var kafka = KafkaCluster.StartMock();
            await AddTopics(kafka, Partitions);
            await using var bare = await BareKafka.Start(kafka, Partitions);
            var (result, twins) = await Measure("kafka", options.Server, rounds, seconds, sustained, backlog, bare, KafkaSettings(kafka));
            results.Add(result);
            twin = new(twins, await bare.Sustain(backlog));
            Console.WriteLine($"  bare client: {twin.PerSecond:N0} records/s");
        }

        var page = new PerformancePage("pipeline", machine, options.Command("pipeline"));
        await page.Publish(
            PipelineTables.Write(results, twin, rounds, seconds), PipelineTables.Draw(results, twin),
            new { Rounds = rounds, SecondsPerRate = seconds, Backlog = backlog, Transports = results, BareKafka = twin }, options.IsWhole);
    }

    /// <summary>The settings of a host that uses the cluster.</summary>
    public static (string Name, string Value)[] KafkaSettings(KafkaCluster kafka) =>
    [
        ("Events__Transport", "kafka"), ("Kafka__Brokers", kafka.Brokers), ("Kafka__Consumer__FetchWaitMaxMs", "5"), // unlike a broker, the mock answers an empty fetch only then
    ];

    /// <summary>Creates the topics of TodoFlow.</summary>
    public static async Task AddTopics(KafkaCluster kafka, int partitions)
    {
        foreach (var topic in new[] { "task-events", "task-updates", "reminders" })
        {
            await kafka.AddTopic(topic, partitions);
            await kafka.AddTopic($"{topic}.dead-letter");
        }
    }

    private static async Task<(TransportResult Result, List<RateResult> Twin)> Measure(
        string transport, string server, int rounds, int seconds, int sustained, int backlog, BareKafka? bare, params (string Name, string Value)[] settings)
    {
        Console.WriteLine($"{transport}:");
        var database = await BenchDatabase.Create(server);
        var pipeline = await Pipeline.Over(database);
        var (own, twins) = (new List<RateRound>(), new List<RateRound>());
        await using (var host = await BenchHost.StartOn(database, settings))
        {
            foreach (var rate in Rates) // to warm up
            {
                await pipeline.Create([host], rate, 2);
                await (bare?.Produce(rate, 1) ?? Task.CompletedTask);
            }

            for (var round = 0; round < rounds; round++)
            {
                foreach (var rate in Rates)
                {
                    own.Add(await pipeline.Create([host], rate, seconds));
                    if (bare is not null)
                    {
                        twins.Add(await bare.Produce(rate, seconds));
                    }
                }
            }

            // An event as soon with many processes as with one.
            await using var second = await BenchHost.StartOn(database, settings);
            await using var third = await BenchHost.StartOn(database, settings);
            await pipeline.Create([host, second, third], Rates[0], 20); // to warm up, and until the groups have settled
            for (var round = 0; round < rounds; round++)
            {
                own.Add(await pipeline.Create([host, second, third], Rates[0], seconds));
            }
        }

        var rates = Rates.Select(rate => RateResult.Of(At(own, rate), At(twins, rate))).Append(RateResult.Of([.. own.Where(round => round.Hosts > 1)], [])).ToList();
        var twin = bare is null ? [] : Rates.Select(rate => RateResult.Of(At(twins, rate), [])).ToList();
        rates.ForEach(rate => Console.WriteLine($"  {rate}"));
        twin.ForEach(rate => Console.WriteLine($"  bare client: {rate}"));
        await BenchDatabase.Execute(database, "drop trigger tell_effects on audit_entry");

        // Events that wait when a process starts: what it does when nothing else is to be done.
        await using var waiting = new Backlog(database, pipeline.User, settings);
        var parts = await waiting.Sustain(sustained);
        await waiting.Announce(backlog);
        var catchUp = await waiting.CatchUp(backlog);
        Console.WriteLine($"  {catchUp}");
        await BenchDatabase.Drop(server, database);
        return (new(transport, rates, parts, catchUp), twin);
    }

    private static List<RateRound> At(List<RateRound> rounds, int rate) => [.. rounds.Where(round => round.Rate == rate && round.Hosts == 1)];
}
