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

    /// <summary>Measures both transports, the bare client on the same broker, and what an outage of the brokers leaves behind.</summary>
    public static async Task Run(BenchOptions options)
    {
        options.RequirePart("postgres", "kafka", "outage");
        var machine = await Machine.Describe(options.Server);
        var results = new List<TransportResult>();
        var (twin, outages) = (default(TwinResult), new List<OutageResult>());
        if (options.Only is null or "postgres")
        {
            results.Add(await Measure("postgres", options, null, [], ("Events__Transport", "postgres")));
        }

        if (options.Only is null or "kafka")
        {
            using var kafka = KafkaCluster.Start();
            var settings = await Use(kafka, Partitions);
            await using var bare = await BareKafka.Start(kafka, Partitions);
            var twins = new List<RateRound>();
            results.Add(await Measure("kafka", options, bare, twins, settings));
            var rates = Rates.Select(rate => RateResult.Of(At(twins, rate), [])).ToList();
            twin = new(rates, await bare.Sustain(BacklogOf(options)));
            rates.ForEach(rate => Console.WriteLine($"  bare client: {rate}"));
            Console.WriteLine($"  bare client: {twin.PerSecond:N0} records/s");
        }

        if (options.Only is null or "outage")
        {
            outages = await Outage.Measure(options.Server, options.IsQuick ? [5] : [5, 35, 75]);
        }

        var tables = PipelineTables.Write(results, twin, outages, RoundsOf(options), SecondsOf(options));
        if (results.Count == 0)
        {
            Console.WriteLine(tables); // nothing to draw
            return;
        }

        var page = new PerformancePage("pipeline", machine, options.Command("pipeline"));
        await page.Publish(
            tables, PipelineTables.Draw(results, twin),
            new { Rounds = RoundsOf(options), SecondsPerRate = SecondsOf(options), Backlog = BacklogOf(options), Transports = results, BareKafka = twin, Outages = outages },
            options.IsWhole);
    }

    /// <summary>Creates the topics of TodoFlow: names of this run's own, since a real cluster keeps what earlier ones left.</summary>
    /// <returns>The settings of a host that uses them.</returns>
    public static async Task<(string Name, string Value)[]> Use(KafkaCluster kafka, int partitions)
    {
        var run = kafka.IsMock ? "" : $"bench-{Guid.NewGuid():N}-";
        var topics = new[] { ("TaskEvents", "task-events"), ("TaskUpdates", "task-updates"), ("Reminders", "reminders") };
        foreach (var (_, topic) in topics)
        {
            await kafka.AddTopic($"{run}{topic}", partitions);
            await kafka.AddTopic($"{run}{topic}.dead-letter");
        }

        return
        [
            ("Events__Transport", "kafka"), ("Kafka__Brokers", kafka.Brokers), ("Kafka__GroupPrefix", $"{run}todoflow-"),
            .. topics.Select(topic => ($"Kafka__Topics__{topic.Item1}", $"{run}{topic.Item2}")),
            .. kafka.IsMock ? [("Kafka__Consumer__FetchWaitMaxMs", "5")] : Array.Empty<(string, string)>(), // unlike a broker, the mock answers an empty fetch only then
        ];
    }

    private static int RoundsOf(BenchOptions options) => options.Rounds ?? (options.IsQuick ? 1 : 3);

    private static int SecondsOf(BenchOptions options) => options.Seconds ?? (options.IsQuick ? 3 : 10);

    private static int BacklogOf(BenchOptions options) => options.IsQuick ? 5_000 : 100_000;

    private static async Task<TransportResult> Measure(
        string transport, BenchOptions options, BareKafka? bare, List<RateRound> twins, params (string Name, string Value)[] settings)
    {
        Console.WriteLine($"{transport}:");
        var rates = await MeasureRates(options, BenchHost.Assembly, bare, twins, settings);
        var before = options.Contender is { } contender ? await MeasureRates(options, contender, null, [], settings) : [];

        // Events that wait when a process starts: what it does when nothing else is to be done.
        var database = await BenchDatabase.Create(options.Server);
        var pipeline = await Pipeline.Over(database);
        await BenchDatabase.Execute(database, "drop trigger tell_effects on audit_entry");
        await using var waiting = new Backlog(database, pipeline.User, settings);
        var parts = await waiting.Sustain(options.IsQuick ? 2_000 : 20_000);
        await waiting.Announce(BacklogOf(options));
        var catchUp = await waiting.CatchUp(BacklogOf(options));
        Console.WriteLine($"  {catchUp}");
        await BenchDatabase.Drop(options.Server, database);
        return new(transport, rates, before, parts, catchUp);
    }

    private static async Task<List<RateResult>> MeasureRates(
        BenchOptions options, string program, BareKafka? bare, List<RateRound> twins, (string Name, string Value)[] settings)
    {
        var (rounds, seconds) = (RoundsOf(options), SecondsOf(options));
        var database = await BenchDatabase.Create(options.Server, program);
        var pipeline = await Pipeline.Over(database);
        var own = new List<RateRound>();
        await using (var host = await BenchHost.StartOn(program, database, settings))
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
            await using var second = await BenchHost.StartOn(program, database, settings);
            await using var third = await BenchHost.StartOn(program, database, settings);
            await pipeline.Create([host, second, third], Rates[0], 20); // to warm up, and until the groups have settled
            for (var round = 0; round < rounds; round++)
            {
                own.Add(await pipeline.Create([host, second, third], Rates[0], seconds));
            }
        }

        await BenchDatabase.Drop(options.Server, database);
        List<RateResult> rates = [.. Rates.Select(rate => RateResult.Of(At(own, rate), At(twins, rate))), RateResult.Of([.. own.Where(round => round.Hosts > 1)], [])];
        rates.ForEach(rate => Console.WriteLine($"  {(program == BenchHost.Assembly ? "" : "contender: ")}{rate}"));
        return rates;
    }

    private static List<RateRound> At(List<RateRound> rounds, int rate) => [.. rounds.Where(round => round.Rate == rate && round.Hosts == 1)];
}
