using System.Diagnostics;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>./todoflow up with a PostgreSQL of its own, in a copy of the checkout that runs what is published already.</summary>
public sealed class UpTests : IDisposable
{
    // For each step: a machine that is busy takes long for a cluster, a migration and a start, and only one that hangs takes this long.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly ScriptCheckout _checkout = new("up $HOME 'it's' `");
    private readonly int _port = FreePort.Find();

    public UpTests() => File.AppendAllText(
        Path.Combine(_checkout.Root, "scripts/up.sh"), "build_host() { ln -sfn \"$TODOFLOW_TEST_PUBLISHED\" \"$app\"; }\n");

    public void Dispose() => _checkout.Dispose();

    [PublishedFact]
    public async Task Up_in_a_folder_of_any_name_outlives_its_PostgreSQL_and_names_its_address_to_another_up()
    {
        using var up = _checkout.Start("up", "--port", $"{_port}");
        try
        {
            await Says(up, "TodoFlow is up on");

            using var second = _checkout.Start("up");
            Assert.Contains($"is running already on http://127.0.0.1:{_port}", await second.StandardError.ReadToEndAsync().WaitAsync(Patience), StringComparison.Ordinal);
            await second.WaitForExitAsync().WaitAsync(Patience);
            Assert.Equal(1, second.ExitCode);

            var (process, port) = Server();
            using (var server = Process.GetProcessById(process))
            {
                server.Kill();
            }

            await Says(up, "PostgreSQL runs again");
            var (another, samePort) = Server();
            Assert.NotEqual(process, another);
            Assert.Equal(port, samePort);
            using var token = _checkout.Start("token");
            Assert.NotEmpty(await token.StandardOutput.ReadToEndAsync().WaitAsync(Patience));
            await token.WaitForExitAsync().WaitAsync(Patience);
            Assert.Equal(0, token.ExitCode);

            using var stop = Process.Start("kill", ["-TERM", $"{up.Id}"]);
            await up.WaitForExitAsync().WaitAsync(Patience);
            Assert.Equal(0, up.ExitCode);
            Assert.False(File.Exists(Path.Combine(_checkout.Root, ".todoflow/pg/postmaster.pid")));
        }
        finally
        {
            using var down = _checkout.Start("down");
            await down.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task Says(Process up, string said)
    {
        while (await up.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.Contains(said, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"It ended without saying \"{said}\": {await up.StandardError.ReadToEndAsync()}");
    }

    // Process id and port: the first and the fourth line of the file.
    private (int Process, string Port) Server()
    {
        var lines = File.ReadAllLines(Path.Combine(_checkout.Root, ".todoflow/pg/postmaster.pid"));
        return (int.Parse(lines[0], System.Globalization.CultureInfo.InvariantCulture), lines[3]);
    }
}
