using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Observability;

/// <summary>What the process of a host writes to its output.</summary>
public sealed class LogLineTests
{
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["ConnectionStrings:TodoFlow"] = "Host=127.0.0.1;Port=1;Database=none;Username=none;Timeout=1",
        ["Auth:SigningKeys:0:Id"] = "test",
        ["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more",
    };

    [Fact]
    public async Task A_container_logs_one_json_object_per_line_with_the_trace_and_the_correlation_id()
    {
        using var host = HostProcess.Start(["serve", "--urls", "http://127.0.0.1:0"], Settings);
        var address = (await Line(host, line => line["Category"]!.GetValue<string>() == "TodoFlow.Host"))["State"]!["Address"]!.GetValue<string>();
        using var client = new ApiClient(new Uri(address), null);
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        await client.Post(
            "/api/auth/login", new { email = "ada@example.com", password = "correct horse battery" }, ("traceparent", $"00-{Trace}-00f067aa0ba902b7-00"), ("X-Correlation-Id", "of-the-test"));

        var failed = await Line(host, line => Ids(line)?["correlation_id"]?.GetValue<string>() == "of-the-test" && line["State"]?["Code"] is not null);
        Assert.Equal("Error", failed["LogLevel"]!.GetValue<string>());
        Assert.Equal("TodoFlow.Functions.Middleware.ProblemMiddleware", failed["Category"]!.GetValue<string>());
        Assert.Equal("LogIn failed: database_unavailable", failed["Message"]!.GetValue<string>());
        Assert.Equal(Trace, Ids(failed)!["trace_id"]!.GetValue<string>());
        Assert.Matches("^[0-9a-f]{16}$", Ids(failed)!["span_id"]!.GetValue<string>());
        Assert.Equal("database_unavailable", failed["State"]!["Code"]!.GetValue<string>());
        Assert.Contains("NpgsqlException", failed["Exception"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$", failed["Timestamp"]!.GetValue<string>());
        host.Terminate();
        Assert.Equal(0, (await host.Exited()).ExitCode);
    }

    [Fact]
    public async Task At_a_terminal_a_line_is_for_people()
    {
        using var host = HostProcess.Start(["serve", "--urls", "http://127.0.0.1:0"], new Dictionary<string, string>(Settings) { ["Logging:Format"] = "text" });
        var said = "";
        while (await host.ReadLine() is { } line && !said.Contains("Serving", StringComparison.Ordinal))
        {
            said = line;
        }

        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d\d\d info: TodoFlow\.Host\[\d+\] Serving \d+ functions on http://127\.0\.0\.1:\d+/$", said);
        host.Terminate();
        await host.Exited();
    }

    [Fact]
    public async Task Levels_go_by_category()
    {
        using var host = HostProcess.Start(["serve", "--urls", "http://127.0.0.1:0"], new Dictionary<string, string>(Settings)
        {
            ["Logging:LogLevel:Default"] = "None",
            ["Logging:LogLevel:TodoFlow.Host"] = "None",
            ["Logging:LogLevel:TodoFlow.Infrastructure.Reminders"] = "Warning",
        });
        var line = await Line(host, _ => true);
        Assert.StartsWith("TodoFlow.Infrastructure.Reminders", line["Category"]!.GetValue<string>(), StringComparison.Ordinal);
        host.Terminate();
        await host.Exited();
    }

    // The outermost scope.
    private static JsonNode? Ids(JsonNode line) => line["Scopes"] is JsonArray { Count: > 0 } scopes ? scopes[0] : null;

    private static async Task<JsonNode> Line(HostProcess host, Func<JsonNode, bool> wanted)
    {
        while (await host.ReadLine() is { } text)
        {
            var line = JsonNode.Parse(text)!; // every line is an object
            if (wanted(line))
            {
                return line;
            }
        }

        throw new EndOfStreamException("The host ended without the line.");
    }
}
