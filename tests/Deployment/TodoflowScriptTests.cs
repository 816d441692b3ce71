using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TodoFlow.Messaging.Kafka;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>
/// How ./todoflow answers what it cannot do: one line that says why. A copy of the script runs, with a state folder of its
/// own, so that a running ./todoflow up of this checkout is left alone.
/// </summary>
public sealed class TodoflowScriptTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly ScriptCheckout _checkout = new("script");

    public void Dispose() => _checkout.Dispose();

    [Fact]
    public async Task Help_lists_every_command()
    {
        var help = await Todoflow("--help");

        Assert.Equal(0, help.ExitCode);
        Assert.All(["up", "test", "bench", "token", "link", "vapid", "dead-letters", "sync-epoch", "down", "clean"], command => Assert.Contains($"\n  {command} ", help.Output));
    }

    [Theory]
    [InlineData("up", "--port")]
    [InlineData("up", "--data")]
    [InlineData("test", "filter")]
    [InlineData("bench", "occurrence")]
    [InlineData("token", "demo user")]
    [InlineData("link", "once")]
    [InlineData("vapid", "--subject")]
    [InlineData("dead-letters", "replay")]
    [InlineData("sync-epoch", "restore")]
    [InlineData("down", "data stays")]
    [InlineData("clean", "--yes")]
    public async Task Each_command_explains_itself(string command, string said)
    {
        var help = await Todoflow(command, "--help");

        Assert.Equal(0, help.ExitCode);
        Assert.StartsWith($"Usage: ./todoflow {command}", help.Output);
        Assert.Contains(said, help.Output);
    }

    [Fact]
    public async Task Help_says_how_a_refusal_of_the_brokers_shows()
    {
        var help = (await Todoflow("up", "--help")).Output;

        Assert.All(BrokerErrors.Kinds, kind => Assert.Contains($"\n  {kind.Said}\n      {kind.LookAt}\n".Replace("Kafka:", "Kafka__", StringComparison.Ordinal), help, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("unknown command 'frobnicate'", "frobnicate")]
    [InlineData("unknown option '--verbose'", "up", "--verbose")]
    [InlineData("unknown option 'now'", "down", "now")]
    [InlineData("--port lacks its value", "up", "--port")]
    [InlineData("not 'notanumber'", "up", "--port", "notanumber")]
    [InlineData("not '0'", "up", "--port", "0")]
    [InlineData("not '65536'", "up", "--port", "65536")]
    [InlineData("not '80 80'", "up", "--port", "80 80")]
    [InlineData("test takes one filter", "test", "one", "two")]
    public async Task A_misspelt_call_exits_2_with_one_line(string said, params string[] arguments)
    {
        var refused = await Todoflow(arguments);

        Assert.Equal(2, refused.ExitCode);
        AssertOneLine(said, refused);
    }

    [Fact]
    public async Task Up_names_the_port_that_is_in_use()
    {
        using var occupant = new TcpListener(IPAddress.Loopback, 0);
        occupant.Start();
        var port = ((IPEndPoint)occupant.LocalEndpoint).Port;

        var refused = await Todoflow("up", "--port", $"{port}");

        Assert.Equal(1, refused.ExitCode);
        AssertOneLine($"port {port} is in use", refused);
    }

    [Fact]
    public async Task Up_runs_once_per_checkout()
    {
        var state = Directory.CreateDirectory(Path.Combine(_checkout.Root, ".todoflow")).FullName;
        using var first = Process.Start(new ProcessStartInfo("flock", [Path.Combine(state, "up.lock"), "sh", "-c", "echo locked; cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("locked", await first.StandardOutput.ReadLineAsync());

        var second = await Todoflow("up");
        first.StandardInput.Close();
        await first.WaitForExitAsync();

        Assert.Equal(1, second.ExitCode);
        AssertOneLine("is running already", second);
    }

    [Fact]
    public async Task Up_refuses_the_data_of_another_PostgreSQL_version()
    {
        var data = Directory.CreateDirectory(Path.Combine(_checkout.Root, "data")).FullName;
        await File.WriteAllTextAsync(Path.Combine(data, "PG_VERSION"), "9\n");

        var refused = await Todoflow("up", "--port", $"{FreePort.Find()}", "--data", data);

        Assert.Equal(1, refused.ExitCode);
        AssertOneLine("holds data of PostgreSQL 9", refused);
    }

    [Fact]
    public async Task Up_keeps_its_hands_off_a_folder_that_holds_something_else()
    {
        var data = Directory.CreateDirectory(Path.Combine(_checkout.Root, "data")).FullName;
        await File.WriteAllTextAsync(Path.Combine(data, "thesis.txt"), "irreplaceable");

        var refused = await Todoflow("up", "--port", $"{FreePort.Find()}", "--data", data);

        Assert.Equal(1, refused.ExitCode);
        AssertOneLine("is not empty", refused);
        Assert.True(File.Exists(Path.Combine(data, "thesis.txt")));
    }

    [Fact]
    public async Task Token_says_that_nothing_runs()
    {
        var refused = await Todoflow("token");

        Assert.Equal(1, refused.ExitCode);
        AssertOneLine("not running: ./todoflow up", refused);
    }

    [Fact]
    public async Task Down_is_content_when_nothing_runs()
    {
        var down = await Todoflow("down");

        Assert.Equal(0, down.ExitCode);
        Assert.Contains("nothing of this checkout is running", down.Output);
    }

    [Fact]
    public async Task Clean_deletes_nothing_without_a_yes()
    {
        var key = Path.Combine(Directory.CreateDirectory(Path.Combine(_checkout.Root, ".todoflow")).FullName, "signing-key");
        await File.WriteAllTextAsync(key, "kept");

        var refused = await Todoflow("clean");
        Assert.Equal(1, refused.ExitCode);
        AssertOneLine("clean --yes", refused);
        Assert.True(File.Exists(key));

        var cleaned = await Todoflow("clean", "--yes");
        Assert.Equal(0, cleaned.ExitCode);
        Assert.False(Directory.Exists(Path.Combine(_checkout.Root, ".todoflow")));
    }

    private static void AssertOneLine(string said, Result result)
    {
        Assert.Contains(said, result.Errors);
        Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(result.Output);
    }

    private async Task<Result> Todoflow(params string[] arguments)
    {
        using var process = _checkout.Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        return new(process.ExitCode, await output, await errors);
    }

    private sealed record Result(int ExitCode, string Output, string Errors);
}
