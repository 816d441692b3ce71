using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>A test that needs Prometheus' programs: skipped on a machine that neither has nor gets them, and failed there in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PrometheusFactAttribute : FactAttribute
{
    /// <summary>Looks for the programs.</summary>
    public PrometheusFactAttribute()
    {
        if (Prometheus.Folder is null && Environment.GetEnvironmentVariable("CI") is not { Length: > 0 })
        {
            Skip = "Prometheus is neither on the PATH nor to be had with apt-get download prometheus.";
        }
    }
}

/// <summary>A real Prometheus of a test's own, on a free port, with its data in a folder that is deleted.</summary>
public sealed partial class Prometheus : IDisposable
{
    private static readonly Lazy<string?> Found = new(Find);

    private readonly Process _process;
    private readonly string _data;
    private readonly HttpClient _http;

    private Prometheus(Process process, string data, Uri address)
    {
        _process = process;
        _data = data;
        _http = new HttpClient { BaseAddress = address };
    }

    /// <summary>Where prometheus and promtool are; null where they are not to be had.</summary>
    public static string? Folder => Found.Value;

    /// <summary>Starts one that scrapes a target every second and holds to rules.</summary>
    /// <param name="target">The address that serves /metrics.</param>
    /// <param name="rules">The absolute path of a file of rules.</param>
    /// <param name="token">What it sends as a bearer token; null for none.</param>
    public static async Task<Prometheus> Start(Uri target, string rules, string? token)
    {
        var data = Directory.CreateTempSubdirectory("todoflow-prometheus-").FullName;
        var configuration = Path.Combine(data, "prometheus.yml");
        await File.WriteAllTextAsync(configuration,
            $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
            rule_files: ["{{rules}}"]
            scrape_configs:
              - job_name: todoflow
                {{(token is null ? "" : $"authorization: {{credentials: \"{token}\"}}")}}
                static_configs: [{targets: ["{{target.Authority}}"]}]
            """);
        var process = Process.Start(new ProcessStartInfo(
            Path.Combine(Folder!, "prometheus"),
            [$"--config.file={configuration}", $"--storage.tsdb.path={data}/data", "--web.listen-address=127.0.0.1:0"])
        {
            RedirectStandardError = true,
        })!;
        var said = new List<string>();
        var (address, isReady) = ("", false);
        while (await process.StandardError.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(5)) is { } line)
        {
            said.Add(line);
            address = Listening().Match(line) is { Success: true } match ? match.Groups[1].Value : address;
            isReady |= line.Contains("Server is ready to receive web requests", StringComparison.Ordinal);
            if (isReady && address.Length > 0)
            {
                _ = process.StandardError.ReadToEndAsync(); // it must not wait for a reader
                return new Prometheus(process, data, new Uri($"http://{address}"));
            }
        }

        throw new InvalidOperationException($"Prometheus did not start:\n{string.Join('\n', said)}");
    }

    /// <summary>What it answers under <c>data</c>; fails the test where it answers an error.</summary>
    public async Task<JsonNode> Get(string path)
    {
        using var response = await _http.GetAsync(path);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.True(answer["status"]!.GetValue<string>() == "success", $"{path}: {answer}");
        return answer["data"]!;
    }

    /// <summary>The results of an instant query.</summary>
    public async Task<JsonArray> Query(string expression) => (await Get($"/api/v1/query?query={Uri.EscapeDataString(expression)}"))["result"]!.AsArray();

    /// <summary>Runs promtool to its end.</summary>
    public static async Task<(int ExitCode, string Output)> Promtool(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Folder!, "promtool"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        return (process.ExitCode, await output + await errors);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    // Debian's package needs no installation: its programs are static.
    private static string? Find()
    {
        var kept = Repository.PathOf(".todoflow/prometheus");
        var unpacked = Path.Combine(kept, "usr", "bin");
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append(unpacked))
        {
            if (File.Exists(Path.Combine(folder, "prometheus")) && File.Exists(Path.Combine(folder, "promtool")))
            {
                return folder;
            }
        }

        Directory.CreateDirectory(kept);
        using var fetch = Process.Start(new ProcessStartInfo(
            "sh", ["-c", "(apt-get download prometheus || { apt-get update && apt-get download prometheus; }) && dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb"])
        {
            WorkingDirectory = kept,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        if (!fetch.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            fetch.Kill(entireProcessTree: true);
        }

        return File.Exists(Path.Combine(unpacked, "prometheus")) ? unpacked : null;
    }

    [GeneratedRegex(@"msg=""?Listening on""? address=(\S+)")]
    private static partial Regex Listening();
}
