using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TodoFlow.Bench;

/// <summary>A program that serves HTTP, as a process of its own; it ends with this object.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Address = new Uri($"http://127.0.0.1:{port}");
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>How long it took from starting the process to the first 200 of <c>/health/ready</c>.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    /// <summary>The processor time that it has used, of all cores: unlike a duration it hardly depends on what else the machine does.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The memory that it has in the machine, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The most memory that it had in the machine so far, in bytes; 0 where it has ended.</summary>
    public long PeakResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.HasExited ? 0 : _process.PeakWorkingSet64;
        }
    }

    /// <summary>Starts it on a free port, and waits until <c>/health/ready</c> says 200.</summary>
    /// <param name="program">The program: a .dll beside this one, or the path of an executable.</param>
    /// <param name="arguments">Its arguments, from the port that it is to listen on.</param>
    /// <param name="environment">What is set in its environment.</param>
    /// <exception cref="InvalidOperationException">It ended instead, or was not ready within a minute.</exception>
    public static async Task<ServerProcess> Start(
        string program, Func<int, IEnumerable<string>> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var port = FreePort();
        var started = Stopwatch.GetTimestamp();
        var server = new ServerProcess(Launch(program, arguments(port), environment), port);
        if (await ReadinessProbe.Wait(port, () => !server._process.HasExited && Stopwatch.GetElapsedTime(started) < LongestStart))
        {
            server.ReadyAfter = Stopwatch.GetElapsedTime(started);
            return server;
        }

        await server.DisposeAsync();
        throw new InvalidOperationException($"{program} ended before it was ready, or took longer than {LongestStart}.");
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task Run(string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        using var process = Launch(program, arguments, environment);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        }
    }

    /// <summary>Stops it as Kubernetes does, and waits for its end.</summary>
    public async Task Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Launch(string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var start = program.EndsWith(".dll", StringComparison.Ordinal)
            ? new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.RedirectStandardOutput = true;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { }; // read, or the process would block on a full pipe
        process.BeginOutputReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
