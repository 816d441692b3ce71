using System.Net;
using System.Net.Sockets;
using System.Text;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Host;

/// <summary>The executable itself: what it refuses, and how it stops.</summary>
public sealed class ServeCommandTests
{
    // The database is not asked for by what these tests do.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["urls"] = "http://127.0.0.1:0",
        ["ConnectionStrings:TodoFlow"] = "Host=127.0.0.1;Port=1;Username=nobody",
        ["Auth:SigningKeys:0:Id"] = "test",
        ["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more",
        ["Logging:Format"] = "text",
        ["Logging:LogLevel:TodoFlow"] = "None",
        ["Logging:LogLevel:TodoFlow.Host"] = "Information",
    };

    [Theory]
    [InlineData("urls", "tcp//nowhere", "The address 'tcp//nowhere' is not one to listen on")]
    [InlineData("urls", "https://127.0.0.1:0", "is https; this host speaks http")]
    [InlineData("urls", "http://127.0.0.1:0/base", "has a path")]
    [InlineData("urls", "http://192.0.2.1:8080", "Cannot listen on http://192.0.2.1:8080")]
    [InlineData("Events:Transport", "pigeons", "The setting 'Events:Transport' is 'pigeons'; it must be 'kafka' or 'postgres'")]
    [InlineData("Host:ShutdownTimeout", "soon", "The setting 'Host:ShutdownTimeout' is 'soon'")]
    [InlineData("Host:DrainTime", "-00:00:01", "The setting 'Host:DrainTime' is '-00:00:01'")]
    [InlineData("Logging:Format", "xml", "The setting 'Logging:Format' is 'xml'; it must be 'text' or 'json'")]
    [InlineData("AzureFunctionsJobHost:functions:0", "Nobody", "Function 'Nobody' is in the allow-list")]
    [InlineData("ConnectionStrings:TodoFlow", "", "ConnectionStrings:TodoFlow is not set")]
    [InlineData("ConnectionStrings:TodoFlow", "swordfish", "ConnectionStrings:TodoFlow is not a connection string")]
    [InlineData("Auth:SigningKeys:0:Key", "short", "Auth:SigningKeys:0:Key")]
    public async Task A_wrong_setting_is_one_line_on_stderr_and_exit_code_1(string key, string value, string reason)
    {
        using var host = HostProcess.Start([], new Dictionary<string, string>(Settings) { [key] = value });
        var (exitCode, output, errors) = await host.Exited();
        Assert.Equal(1, exitCode);
        Assert.Contains(reason, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("swordfish", errors, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Fact]
    public async Task A_port_in_use_is_one_line_that_says_what_to_do()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = $"http://{other.LocalEndpoint}";
        using var host = HostProcess.Start(["serve", "--urls", address], Settings);
        var (exitCode, output, errors) = await host.Exited();
        Assert.Equal(1, exitCode);
        Assert.Equal($"Failed to bind to address {address}: address already in use. Stop what listens there, or choose another with --urls.\n", errors);
        Assert.Empty(output);
    }

    [Fact]
    public async Task A_host_without_mail_loads_none_of_its_libraries()
    {
        using var host = HostProcess.Start(["serve"], Settings);
        await host.Serves();

        Assert.True(host.HasLoaded("TodoFlow.Infrastructure.dll"));
        Assert.False(host.HasLoaded("MailKit.dll") || host.HasLoaded("MimeKit.dll") || host.HasLoaded("BouncyCastle.Cryptography.dll"));
    }

    [Fact]
    public async Task The_library_of_MCP_is_loaded_by_the_first_request_that_needs_it()
    {
        using var host = HostProcess.Start(["serve"], Settings);
        using var client = new ApiClient(await host.Serves(), null);
        (await client.Post("/api/mcp", new { })).Is(401);

        Assert.False(host.HasLoaded("ModelContextProtocol.Core.dll") || host.HasLoaded("ModelContextProtocol.AspNetCore.dll") || host.HasLoaded("ModelContextProtocol.dll"));
    }

    [Fact]
    public async Task An_unknown_command_is_refused()
    {
        using var host = HostProcess.Start(["dance"], Settings);
        var (exitCode, _, errors) = await host.Exited();
        Assert.Equal(1, exitCode);
        Assert.Contains("'dance'", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_SIGTERM_the_request_in_flight_is_answered_and_the_exit_code_is_0()
    {
        using var host = HostProcess.Start(["serve"], Settings);
        var address = await host.Serves();
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port);
        using var reader = new StreamReader(connection.GetStream(), Encoding.ASCII);

        // With "Expect: 100-continue" the host says when the function has begun to read the body.
        await Write("POST /api/auth/login HTTP/1.1\r\nHost: todoflow\r\nContent-Type: application/json\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100", await ReadLine(), StringComparison.Ordinal);
        Assert.Equal("", await ReadLine());

        host.Terminate();
        await WaitUntilRefused(address);
        await Write("{");
        Assert.StartsWith("HTTP/1.1 400", await ReadLine(), StringComparison.Ordinal);

        var (exitCode, output, errors) = await host.Exited();
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("Stopped", output, StringComparison.Ordinal);

        async Task Write(string text) => await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
        Task<string?> ReadLine() => reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2));
    }

    private static Task WaitUntilRefused(Uri address) => Eventually.Holds(async () =>
    {
        using var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync(address.Host, address.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    });
}
