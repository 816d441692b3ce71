using System.Net.Sockets;
using System.Text;
using Xunit;

namespace TodoFlow.Tests.Integration.Host;

/// <summary>Requests that no HTTP client would send.</summary>
public sealed class RawRequestTests : HttpFunctionTest
{
    [Theory]
    [InlineData("GET /things HTTP/1.1\r\n\r\n", "400")] // no Host
    [InlineData("GET /things HTTP/9.9\r\nHost: a\r\n\r\n", "505")]
    [InlineData("GE\u0001T /things HTTP/1.1\r\nHost: a\r\n\r\n", "400")]
    [InlineData("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "404")]
    [InlineData("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", "400")]
    [InlineData("POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "400")]
    [InlineData("POST /things HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400")]
    [InlineData("POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "200")]
    public async Task What_is_not_http_is_refused_as_the_clients_fault(string request, string status)
    {
        var answer = await Send(request);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_that_is_too_large_is_431() =>
        Assert.StartsWith("HTTP/1.1 431 ", await Send($"GET /things HTTP/1.1\r\nHost: a\r\nX-Long: {new string('x', 40_000)}\r\n\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task A_body_that_ends_early_is_the_clients_fault() =>
        Assert.DoesNotContain(" 5", await Send("POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc", hangUp: true), StringComparison.Ordinal);

    /// <summary>Sends bytes as they are, and reads the status line that comes back; empty where the host closes without one.</summary>
    private async Task<string> Send(string request, bool hangUp = false)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(Host.Address.Host, Host.Address.Port);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        if (hangUp)
        {
            connection.Client.Shutdown(SocketShutdown.Send);
        }

        using var reader = new StreamReader(stream, Encoding.Latin1);
        try
        {
            return await reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)) ?? "";
        }
        catch (IOException)
        {
            return ""; // the host reset the connection
        }
    }
}
