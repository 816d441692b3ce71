using Npgsql;

namespace TodoFlow.Bench.Http;

/// <summary>Puts the same load on TodoFlow and on the others, in turn.</summary>
/// <param name="others">The others.</param>
/// <param name="database">TodoFlow's database.</param>
/// <param name="times">Whose processor time is read.</param>
/// <param name="connections">How many requests are under way at once.</param>
/// <param name="rounds">How many rounds each has.</param>
/// <param name="seconds">How long a round is.</param>
/// <param name="warmUps">How many rounds of all workloads are not counted.</param>
public sealed class HttpRun(Contenders others, string database, ProcessorTimes times, int connections, int rounds, int seconds, int warmUps)
{
    private static readonly TimeSpan LongestDrain = TimeSpan.FromMinutes(3);

    /// <summary>Whose processor time is read.</summary>
    public ProcessorTimes Times => times;

    /// <summary>
    /// Rounds of all workloads that are not counted: the runtime compiles what is used often once more, for its use, and on a busy machine
    /// it takes up to a minute until it has.
    /// </summary>
    public async Task WarmUp(ServerProcess host, IReadOnlyList<Workload> workloads)
    {
        for (var round = 0; round < warmUps; round++)
        {
            foreach (var workload in workloads)
            {
                await others.RequireSame(workload, host);
                foreach (var (_, server) in others.Of(workload, host))
                {
                    await Wrk.Load(server, times, workload, connections, seconds);
                }

                await Drain(workload);
            }
        }
    }

    /// <summary>Measures a workload: A B C, then C B A, and so on, so that what drifts hits all alike.</summary>
    public async Task<WorkloadResult> Compare(ServerProcess host, Workload workload)
    {
        var measured = others.Of(workload, host).Select(contender => (contender.Name, contender.Server, Rounds: new List<Round>())).ToList();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (_, server, into) in round % 2 == 0 ? measured : Enumerable.Reverse(measured))
            {
                into.Add(await Wrk.Load(server, times, workload, connections, seconds));
                await Drain(workload);
            }
        }

        var result = new WorkloadResult(workload.Name, workload.Target, workload.Goal, [.. measured.Select(own => new Measured(own.Name, own.Rounds))]);
        Console.WriteLine($"  {result}");
        return result;
    }

    // What consumers still do of one round must not burden the next.
    private async Task Drain(Workload workload)
    {
        if (!workload.Writes)
        {
            return;
        }

        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            """
            select exists (select from outbox where published_at is null) or exists (
                select from consumer_cursor c where exists (select from outbox o where o.topic = c.topic and o.shard = c.shard and o.sequence > c.sequence))
            """);
        var started = TimeProvider.System.GetTimestamp();
        while ((bool)(await command.ExecuteScalarAsync())!)
        {
            if (TimeProvider.System.GetElapsedTime(started) > LongestDrain)
            {
                throw new TimeoutException("The consumers do not catch up.");
            }

            await Task.Delay(100);
        }
    }
}
