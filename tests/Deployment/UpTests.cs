using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>./todoflow up with a PostgreSQL of its own, in a copy of the checkout that runs what is published already.</summary>
public sealed class UpTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _checkout = Directory.CreateDirectory(
        Path.Combine(AppContext.BaseDirectory, $"up $HOME 'it's' `{Guid.NewGuid():N}`")).FullName;

    private readonly int _port = FreePort();

    public UpTests()
    {
        Directory.CreateDirectory(Path.Combine(_checkout, "scripts"));
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("scripts")).Append(Repository.PathOf("todoflow")))
        {
            File.Copy(file, Path.Combine(_checkout, Path.GetRelativePath(Repository.Root, file)));
        }

        File.AppendAllText(Path.Combine(_checkout, "scripts/up.sh"), "build_host() { ln -sfn \"$TODOFLOW_TEST_PUBLISHED\" \"$app\"; }\n");
    }

    public void Dispose() => Directory.Delete(_checkout, recursive: true);

    [PublishedFact]
    public async Task Up_in_a_folder_of_any_name_outlives_its_PostgreSQL_and_names_its_address_to_another_up()
    {
        using var patience = new CancellationTokenSource(Patience);
        using var up = Start("up", "--port", $"{_port}");
        try
        {
            await Says(up, "TodoFlow is up on", patience.Token);

            using var second = Start("up");
            Assert.Contains($"is running already on http://127.0.0.1:{_port}", await second.StandardError.ReadToEndAsync(patience.Token), StringComparison.Ordinal);
            await second.WaitForExitAsync(patience.Token);
            Assert.Equal(1, second.ExitCode);

            var (process, port) = Server();
            using (var server = Process.GetProcessById(process))
            {
                server.Kill();
            }

            await Says(up, "PostgreSQL runs again", patience.Token);
            var (another, samePort) = Server();
            Assert.NotEqual(process, another);
            Assert.Equal(port, samePort);
            using var token = Start("token");
            Assert.NotEmpty(await token.StandardOutput.ReadToEndAsync(patience.Token));
            await token.WaitForExitAsync(patience.Token);
            Assert.Equal(0, token.ExitCode);

            using var stop = Process.Start("kill", ["-TERM", $"{up.Id}"]);
            await up.WaitForExitAsync(patience.Token);
            Assert.Equal(0, up.ExitCode);
            Assert.False(File.Exists(Path.Combine(_checkout, ".todoflow/pg/postmaster.pid")));
        }
        finally
        {
            using var down = Start("down");
            await down.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task Says(Process up, string said, CancellationToken ct)
    {
        while (await up.StandardOutput.ReadLineAsync(ct) is { } line)
        {
            if (line.Contains(said, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"It ended without saying \"{said}\": {await up.StandardError.ReadToEndAsync(ct)}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // Process id and port: the first and the fourth line of the file.
    private (int Process, string Port) Server()
    {
        var lines = File.ReadAllLines(Path.Combine(_checkout, ".todoflow/pg/postmaster.pid"));
        return (int.Parse(lines[0], System.Globalization.CultureInfo.InvariantCulture), lines[3]);
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(_checkout, "todoflow"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ConnectionStrings__TodoFlow");
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}
