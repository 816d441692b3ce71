using System.Diagnostics;

namespace TodoFlow.Bench;

/// <summary>A program of this build that serves HTTP, as a process of its own; it ends with this object.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Address = new Uri($"http://127.0.0.1:{port}");
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Its process.</summary>
    public int Id => _process.Id;

    /// <summary>The processor time that it has used.</summary>
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

    /// <summary>Starts it on a free port, and waits until it answers.</summary>
    /// <param name="assembly">The program: a file beside this one.</param>
    /// <param name="arguments">Its arguments, from the port that it is to listen on.</param>
    /// <param name="environment">What is set in its environment.</param>
    /// <param name="probe">The path that answers once it serves; any answer will do.</param>
    public static async Task<ServerProcess> Start(
        string assembly, Func<int, IEnumerable<string>> arguments, IEnumerable<(string Name, string Value)> environment, string probe)
    {
        var port = FreePort();
        var server = new ServerProcess(Launch(assembly, arguments(port), environment), port);
        using var http = new HttpClient { BaseAddress = server.Address };
        while (!server._process.HasExited)
        {
            try
            {
                using var response = await http.GetAsync(probe);
                if ((int)response.StatusCode < 500)
                {
                    return server;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(20);
        }

        throw new InvalidOperationException($"{assembly} ended before it was ready.");
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task Run(string assembly, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        using var process = Launch(assembly, arguments, environment);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{assembly} ended with {process.ExitCode}.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Launch(string assembly, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, assembly), .. arguments]) { RedirectStandardOutput = true };
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
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
