using System.Diagnostics;

namespace TodoFlow.Bench.Reports;

/// <summary>What some connections measured, each of which sends the next request when the one before is answered.</summary>
/// <param name="RequestsPerSecond">The requests of all of them together.</param>
/// <param name="P50">The median time of a request, in milliseconds.</param>
/// <param name="P95">The time that 95 % of them do not exceed.</param>
/// <param name="P99">The time that 99 % of them do not exceed.</param>
public sealed record Load(double RequestsPerSecond, double P50, double P95, double P99)
{
    /// <summary>Measures. The client is in this process, so compare only what was measured in this way.</summary>
    /// <param name="server">Where requests go.</param>
    /// <param name="connections">How many connections there are.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="next">Makes the next request of a connection, by the connection's own random numbers.</param>
    /// <exception cref="HttpRequestException">A request was refused.</exception>
    public static async Task<Load> Measure(Uri server, int connections, TimeSpan duration, Func<Random, HttpRequestMessage> next)
    {
        var began = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(Enumerable.Range(0, connections).Select(connection => Task.Run(async () =>
        {
            using var http = new HttpClient { BaseAddress = server };
            var (own, random) = (new List<double>(), new Random(connection));
            while (Stopwatch.GetElapsedTime(began) < duration)
            {
                using var request = next(random);
                var sent = Stopwatch.GetTimestamp();
                using var response = await http.SendAsync(request);
                response.EnsureSuccessStatusCode();
                own.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }

            return own;
        })));
        var all = times.SelectMany(own => own).ToList();
        return new(all.Count / Stopwatch.GetElapsedTime(began).TotalSeconds, all.Median(), all.Percentile(95), all.Percentile(99));
    }
}
