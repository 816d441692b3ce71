using System.Text.Json;

namespace TodoFlow.Bench.Http;

/// <summary>
/// Who is measured beside TodoFlow: the raw twin, over the same rows; and over the same tasks in the neutral schema a twin of it, and
/// Fastify with pg, where Node is on this machine.
/// </summary>
public sealed class Contenders(string server, string neutral, ServerProcess rawTwin, ServerProcess neutralTwin, ServerProcess? fastify) : IAsyncDisposable
{
    /// <summary>Starts them.</summary>
    public static async Task<Contenders> Start(string server, TaskData data, int tasksEach)
    {
        var neutral = await data.CreateNeutral(server, tasksEach);
        return new(server, neutral, await RawTwin.Start(data.Database), await RawTwin.StartNeutral(neutral), NodePackages.CanRun() ? await StartFastify(neutral) : null);
    }

    /// <summary>Those that answer a workload, and TodoFlow first.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="host">TodoFlow.</param>
    public IReadOnlyList<(string Name, ServerProcess Server)> Of(Workload workload, ServerProcess host)
    {
        List<(string, ServerProcess)> all = [(HttpTables.TodoFlow, host)];
        if (workload.HasRawTwin)
        {
            all.Add((HttpTables.RawTwin, rawTwin));
        }

        all.Add((HttpTables.NeutralTwin, neutralTwin));
        if (fastify is not null)
        {
            all.Add((HttpTables.Fastify, fastify));
        }

        return all;
    }

    /// <summary>Requires that all give as many tasks for a workload's first request: otherwise they do not do the same.</summary>
    /// <exception cref="InvalidOperationException">They do not.</exception>
    public async Task RequireSame(Workload workload, ServerProcess host)
    {
        var request = workload.Requests[0];
        if (!request.StartsWith("GET /api/tasks?", StringComparison.Ordinal))
        {
            return;
        }

        var lines = request.Split("\r\n");
        var counts = new List<int>();
        foreach (var (_, contender) in Of(workload, host))
        {
            using var http = new HttpClient { BaseAddress = contender.Address };
            foreach (var header in lines[2..4].Select(line => line.Split(": ", 2)))
            {
                http.DefaultRequestHeaders.Add(header[0], header[1]);
            }

            counts.Add(JsonDocument.Parse(await http.GetStringAsync(lines[0].Split(' ')[1])).RootElement.GetArrayLength());
        }

        if (counts.Distinct().Count() > 1)
        {
            throw new InvalidOperationException($"{workload.Name}: {string.Join(", ", counts)} tasks for the same request.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await rawTwin.DisposeAsync();
        await neutralTwin.DisposeAsync();
        await (fastify?.DisposeAsync() ?? ValueTask.CompletedTask);
        await BenchDatabase.Drop(server, neutral);
    }

    private static async Task<ServerProcess> StartFastify(string database)
    {
        var program = Path.Combine(await NodePackages.Install("Http"), "twin.mjs");
        return await ServerProcess.Start("node", port => [program, NodePackages.Url(database), $"{port}"], [("NODE_ENV", "production")]);
    }
}
