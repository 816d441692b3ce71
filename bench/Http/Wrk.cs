using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace TodoFlow.Bench.Http;

/// <summary>What one round measured.</summary>
/// <param name="RequestsPerSecond">Requests that were answered.</param>
/// <param name="P50">The median time of a request, milliseconds.</param>
/// <param name="P95">The 95th percentile.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="ServerCpu">The server's processor time for a request, microseconds.</param>
/// <param name="DatabaseCpu">PostgreSQL's, whoever caused it.</param>
public sealed record Round(double RequestsPerSecond, double P50, double P95, double P99, double ServerCpu, double DatabaseCpu);

/// <summary>Puts load on a server with <c>wrk</c>.</summary>
public static class Wrk
{
    // Each request is the number of its bytes, a space, and its bytes.
    private const string Script =
        """
        local requests = {}
        function init(args)
            math.randomseed(tonumber(args[2]))
            local file = io.open(args[1], "rb")
            while true do
                local bytes = file:read("*n")
                if not bytes then break end
                file:read(1)
                requests[#requests + 1] = file:read(bytes)
            end
            file:close()
        end
        function request() return requests[math.random(#requests)] end
        function done(summary, latency)
            local errors = summary.errors
            io.write(string.format('{"requests":%d,"microseconds":%d,"p50":%d,"p95":%d,"p99":%d,"status":%d,"broken":%d}\n', summary.requests, summary.duration,
                latency:percentile(50), latency:percentile(95), latency:percentile(99), errors.status, errors.connect + errors.read + errors.write + errors.timeout))
        end
        """;

    /// <summary>Sends a workload's requests over so many connections, each the next one when the one before is answered.</summary>
    /// <exception cref="InvalidOperationException">wrk is missing, or a request was not answered with 2xx.</exception>
    public static async Task<Round> Load(ServerProcess server, ProcessorTimes times, Workload workload, int connections, int seconds)
    {
        var folder = Directory.CreateTempSubdirectory("todoflow-bench-").FullName;
        try
        {
            var (script, requests) = (Path.Combine(folder, "load.lua"), Path.Combine(folder, "requests"));
            await File.WriteAllTextAsync(script, Script);
            await File.WriteAllTextAsync(requests, string.Concat(workload.Requests.Select(request => $"{Encoding.UTF8.GetByteCount(request)} {request}")));
            var wrk = new ProcessStartInfo(
                "wrk",
                ["--threads", "1", "--connections", $"{connections}", "--duration", $"{seconds}s", "--timeout", "30s", "--script", script, $"{server.Address}", "--", requests, $"{Random.Shared.Next()}"])
            {
                RedirectStandardOutput = true,
            };
            var (serverBefore, databaseBefore) = (server.ProcessorTime, times.PostgreSql());
            using var process = Start(wrk);
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return Read(output, workload, (server.ProcessorTime - serverBefore).TotalMicroseconds, times.PostgreSql() - databaseBefore);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process Start(ProcessStartInfo wrk)
    {
        try
        {
            return Process.Start(wrk)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InvalidOperationException("wrk is missing: sudo apt-get install -y wrk");
        }
    }

    private static Round Read(string output, Workload workload, double serverCpu, double databaseCpu)
    {
        var line = output.Split('\n').LastOrDefault(line => line.StartsWith('{')) ?? throw new InvalidOperationException($"wrk says: {output}");
        var json = JsonDocument.Parse(line).RootElement;
        if (json.GetProperty("status").GetInt64() + json.GetProperty("broken").GetInt64() > 0)
        {
            throw new InvalidOperationException($"{workload.Name}: not every request succeeded: {line}");
        }

        var requests = json.GetProperty("requests").GetInt64();
        return new(
            requests * 1e6 / json.GetProperty("microseconds").GetInt64(),
            Milliseconds("p50"), Milliseconds("p95"), Milliseconds("p99"), serverCpu / requests, databaseCpu / requests);

        double Milliseconds(string name) => json.GetProperty(name).GetDouble() / 1000;
    }
}
