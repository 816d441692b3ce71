using Npgsql;
using TodoFlow.Bench.Occurrence;
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
        await using (var source = NpgsqlDataSource.Create(database))
        {
            foreach (var seconds in lengths)
            {
                await pipeline.Create([host], PerSecond, 3); // both are connected, and have nothing left to do
                await bare.Produce(PerSecond, 3);
                results.Add(await Measure(kafka, bare, pipeline, host, source, seconds));
                Console.WriteLine($"  {results[^1]}");
            }
        }

        await BenchDatabase.Drop(server, database);
        return results;
    }

    private static async Task<OutageResult> Measure(KafkaCluster kafka, BareKafka bare, Pipeline pipeline, BenchHost host, NpgsqlDataSource source, int seconds)
    {
        var clock = TimeProvider.System;
        await using var effects = await RowListener.To(source, Pipeline.Effects);
        kafka.Down();
        var creating = pipeline.Create([host], PerSecond, seconds);
        var confirmed = bare.FirstConfirmed();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var up = clock.GetTimestamp();
        kafka.Up();
        await effects.Next(CancellationToken.None);
        var first = clock.GetElapsedTime(up);
        var bareFirst = clock.GetElapsedTime(up, await confirmed);
        await creating;
        return new(seconds, bareFirst.TotalMilliseconds, first.TotalMilliseconds, clock.GetElapsedTime(up).TotalMilliseconds);
    }
}
