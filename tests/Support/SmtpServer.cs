using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace TodoFlow.Tests.Support;

/// <summary>A mail server of somebody else's (npm smtp-server) on this machine.</summary>
public sealed class SmtpServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<JsonNode> _lines = Channel.CreateUnbounded<JsonNode>();

    private SmtpServer(Process process)
    {
        _process = process;
        _ = Read();
    }

    /// <summary>Where it listens on this machine.</summary>
    public int Port { get; private set; }

    /// <summary>Whether no mail waits to be read.</summary>
    public bool ReceivedNothing => _lines.Reader.Count == 0;

    /// <summary>Starts it.</summary>
    /// <param name="options">What its script takes: tls, starttls, key, cert, user, password, busy, refused.</param>
    public static async Task<SmtpServer> Start(object options)
    {
        var server = new SmtpServer(await NodeProgram.Start("tests/Integration/Notifications/smtp-server", "serve.mjs", JsonSerializer.Serialize(options)));
        server.Port = (await server.Next())["port"]!.GetValue<int>();
        return server;
    }

    /// <summary>The next mail that it took; fails the test when none comes.</summary>
    public Task<JsonNode> Next() => _lines.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        _process.Dispose();
    }

    private async Task Read()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _lines.Writer.TryWrite(JsonNode.Parse(line)!);
        }

        _lines.Writer.TryComplete(new IOException(await _process.StandardError.ReadToEndAsync()));
    }
}
