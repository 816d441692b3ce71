using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace TodoFlow.Tests.Support.FunctionsHost;

/// <summary>The published function app as the process that the host starts: arguments, environment, and what it writes.</summary>
public sealed class WorkerProcess : IDisposable
{
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private WorkerProcess(Process process) => _process = process;

    /// <summary>The lines of its standard output so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>The lines of its standard error so far.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>Starts it.</summary>
    /// <param name="folder">The published app; its worker.config.json says what to run.</param>
    /// <param name="host">Where the host listens for it.</param>
    /// <param name="workerId">Its id.</param>
    /// <param name="settings">Settings by their configuration key; they are passed through the environment, as the host's own is.</param>
    public static WorkerProcess Start(string folder, Uri host, string workerId, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var description = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "worker.config.json")))!["description"]!;
        var requestId = Guid.NewGuid().ToString();
        var maxMessage = $"{int.MaxValue}";
        var start = new ProcessStartInfo(description["defaultExecutablePath"]!.GetValue<string>(),
        [
            Path.Combine(folder, description["defaultWorkerPath"]!.GetValue<string>()),
            "--host", host.Host, "--port", $"{host.Port}", "--workerId", workerId, "--requestId", requestId, "--grpcMaxMessageLength", maxMessage,
            "--functions-uri", host.AbsoluteUri, "--functions-worker-id", workerId, "--functions-request-id", requestId,
            "--functions-grpc-max-message-length", maxMessage,
        ])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated";
        start.Environment["FUNCTIONS_WORKER_DIRECTORY"] = folder;
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = folder;
        start.Environment["AzureWebJobsScriptRoot"] = folder;
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var worker = new WorkerProcess(new Process { StartInfo = start });
        worker._process.OutputDataReceived += (_, line) => Keep(worker._output, line.Data);
        worker._process.ErrorDataReceived += (_, line) => Keep(worker._errors, line.Data);
        worker._process.Start();
        worker._process.BeginOutputReadLine();
        worker._process.BeginErrorReadLine();
        return worker;
    }

    /// <summary>Throws when it ends before the token is cancelled.</summary>
    /// <exception cref="InvalidOperationException">It ended; what it wrote is the message.</exception>
    public async Task Ended(CancellationToken ct)
    {
        await _process.WaitForExitAsync(ct);
        throw new InvalidOperationException($"The worker ended ({_process.ExitCode}):\n{string.Join('\n', _output.Concat(_errors))}");
    }

    /// <summary>Waits for its end, which it was asked for.</summary>
    /// <returns>Its exit code; null where it had to be killed, because the grace period was over.</returns>
    public async Task<int?> Exited()
    {
        using var grace = new CancellationTokenSource(GracePeriod);
        try
        {
            await _process.WaitForExitAsync(grace.Token); // and for the end of its output
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Kills it, unless it has ended.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
