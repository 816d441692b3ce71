using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TodoFlow.Tests.Support;

/// <summary>The host's executable as a process of its own, as a container runs it.</summary>
public sealed partial class HostProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly LogAudit _logs = new();
    private readonly bool _serves;

    // Compiled ahead where the test run has published it: tests that kill it again and again wait for its starts.
    private static readonly string Program = Path.Combine(
        Environment.GetEnvironmentVariable("TODOFLOW_TEST_PUBLISHED") is { Length: > 0 } published ? published : AppContext.BaseDirectory, "TodoFlow.Host.dll");

    private HostProcess(Process process, bool serves)
    {
        _process = process;
        _serves = serves; // other commands may print secrets: that is what they are for
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts it.</summary>
    /// <param name="arguments">The command and its options.</param>
    /// <param name="settings">Settings by their configuration key; they are passed through the environment.</param>
    public static HostProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> settings)
    {
        return Start(new ProcessStartInfo("dotnet", [Program, .. arguments]), settings);
    }

    /// <summary>Starts it in another way.</summary>
    /// <param name="start">The program that becomes the host, and its arguments.</param>
    /// <param name="settings">As above.</param>
    public static HostProcess Start(ProcessStartInfo start, IReadOnlyDictionary<string, string> settings)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment["Host__DrainTime"] = "00:00:00"; // it stops at once, unless a test is about that
        start.Environment["Auth__PasswordIterations"] = "100000"; // the fewest
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return new HostProcess(Process.Start(start)!, start.ArgumentList.Skip(1).FirstOrDefault() is null or "serve");
    }

    /// <summary>The next line of standard output; null at its end.</summary>
    public async Task<string?> ReadLine()
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(5));
        _logs.Add(line ?? "");
        return line;
    }

    /// <summary>Waits until it serves.</summary>
    /// <returns>Where it listens.</returns>
    /// <exception cref="InvalidOperationException">It ended before; its errors are the message.</exception>
    public async Task<Uri> Serves()
    {
        while (await ReadLine() is { } line)
        {
            if (line.Contains("Serving ", StringComparison.Ordinal))
            {
                return new Uri(Address().Match(line).Value);
            }
        }

        throw new InvalidOperationException((await Exited()).Errors);
    }

    /// <summary>Whether an assembly is in its memory.</summary>
    public bool HasLoaded(string file) => File.ReadAllText($"/proc/{_process.Id}/maps").Contains($"/{file}", StringComparison.Ordinal);

    /// <summary>Asks it to stop, as Kubernetes does.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]);
        kill.WaitForExit();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> Exited()
    {
        var output = await _process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(5));
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        if (_serves)
        {
            _logs.Add(output);
            _logs.Add(await _errors);
            _logs.Check();
        }

        return (_process.ExitCode, output, await _errors);
    }

    /// <summary>Kills it, as the kernel does (SIGKILL), unless it has ended; returns when it is gone.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit(); // its port is free then
        _process.Dispose();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:[0-9]+")]
    private static partial Regex Address();
}
