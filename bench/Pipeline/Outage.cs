using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Pipeline;

/// <summary>
/// How soon events flow again when the brokers do, beside a bare client of the same cluster that tries all the time, too: from the instant that
/// they can be reached again. The mock cluster is up at once; real brokers elect leaders first, for both alike.
/// </summary>
public static class Outage
{
    private const int Partitions = 24;
    private const int PerSecond = 5;

    /// <summary>Lets the brokers go for so many seconds, one time after the other.</summary>
    public static async Task<List<OutageResult>> Measure(string server, params IEnumerable<int> lengths)
    {
        Console.WriteLine("outage:");
        using var kafka = KafkaCluster.StartMock();
        var settings = await PipelineBench.Use(kafka, Partitions);
        await using var bare = await BareKafka.Start(kafka, Partitions);
        var database = await BenchDatabase.Create(server);
        var pipeline = await Pipeline.Over(database);
        var results = new List<OutageResult>();
        await using (var host = await BenchHost.StartOn(database, settings))
        {
            foreach (var seconds in lengths)
            {
                await pipeline.Create([host], PerSecond, 3); // both are connected, and have nothing left to do
                await bare.Produce(PerSecond, 3);
                results.Add(await Measure(kafka, bare, pipeline, host, seconds));
                Console.WriteLine($"  {results[^1]}");
            }
        }

        await BenchDatabase.Drop(server, database);
        return results;
    }

    private static async Task<OutageResult> Measure(KafkaCluster kafka, BareKafka bare, Pipeline pipeline, BenchHost host, int seconds)
    {
        var clock = TimeProvider.System;
        kafka.Down();
        await Task.Delay(TimeSpan.FromSeconds(1)); // what was on its way has arrived, or failed
        var creating = pipeline.Create([host], PerSecond, seconds - 1);
        var confirmed = bare.FirstConfirmed();
        await Task.Delay(TimeSpan.FromSeconds(seconds - 1));
        var up = clock.GetTimestamp();
        kafka.Up();
        var effects = (await creating).EffectAt.Select(Since).ToList();
        return effects.Min() < 0
            ? throw new InvalidOperationException("A task took effect while the brokers were gone.")
            : new(seconds, Since(await confirmed), effects.Min(), effects.Max());

        double Since(long at) => clock.GetElapsedTime(up, at).TotalMilliseconds;
    }
}
