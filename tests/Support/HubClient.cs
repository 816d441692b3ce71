using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace TodoFlow.Tests.Support;

/// <summary>A device that speaks SignalR's JSON hub protocol over a plain WebSocket. It reads only when it is asked to.</summary>
public sealed class HubClient : IDisposable
{
    private const byte EndOfMessage = 0x1e;
    private const int HandshakeResponse = 0;
    private const int Invocation = 1;
    private const int Close = 7;

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[4096];
    private readonly MemoryStream _message = new();
    private int _start;
    private int _end;

    private HubClient()
    {
    }

    /// <summary>Connects and shakes hands.</summary>
    /// <param name="hub">The hub's http address.</param>
    /// <param name="token">The token, sent in the query.</param>
    /// <param name="receiveBuffer">How many bytes the system may hold for a device that does not read; null is the system's choice.</param>
    public static async Task<HubClient> Connect(Uri hub, string token, int? receiveBuffer = null)
    {
        var client = await Open(hub, token, receiveBuffer);
        try
        {
            await client.ShakeHands();
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Connects, without a handshake yet.</summary>
    public static async Task<HubClient> Open(Uri hub, string token, int? receiveBuffer = null)
    {
        var client = new HubClient();
        try
        {
            var address = new UriBuilder(hub) { Scheme = "ws", Query = $"access_token={token}" }.Uri;
            client._socket.Options.CollectHttpResponseDetails = true;
            using var handler = new SocketsHttpHandler
            {
                ConnectCallback = async (context, ct) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    if (receiveBuffer is { } bytes)
                    {
                        socket.ReceiveBufferSize = bytes;
                    }

                    await socket.ConnectAsync(context.DnsEndPoint, ct);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            };
            using var invoker = new HttpMessageInvoker(handler);
            await client._socket.ConnectAsync(address, invoker, CancellationToken.None);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Says which protocol it speaks, and waits for the response.</summary>
    public async Task ShakeHands()
    {
        await Send("""{"protocol":"json","version":1}""");
        await Next(HandshakeResponse);
    }

    /// <summary>The next message that the server calls a method with: <c>target</c> and <c>arguments</c>.</summary>
    /// <exception cref="WebSocketException">The connection has ended.</exception>
    public Task<JsonNode> Next() => Next(Invocation);

    /// <summary>The next message of a type of the hub protocol.</summary>
    /// <exception cref="WebSocketException">The connection has ended.</exception>
    public async Task<JsonNode> Next(int type)
    {
        while (true)
        {
            var message = await Read();
            var its = message["type"]?.GetValue<int>() ?? HandshakeResponse;
            if (its == type)
            {
                return message;
            }

            if (its == Close)
            {
                throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely, message.ToJsonString());
            }
        }
    }

    /// <summary>Sends a message of the hub protocol.</summary>
    public Task Send(string message) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes($"{message}\u001e"), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>Says that it lives.</summary>
    public Task Ping() => Send("""{"type":6}""");

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Abort();
        _socket.Dispose();
        _message.Dispose();
    }

    private async Task<JsonNode> Read()
    {
        _message.SetLength(0);
        while (true)
        {
            if (_start == _end)
            {
                var received = await _socket.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
                }

                (_start, _end) = (0, received.Count);
            }

            var end = Array.IndexOf(_buffer, EndOfMessage, _start, _end - _start);
            _message.Write(_buffer, _start, (end < 0 ? _end : end) - _start);
            _start = end < 0 ? _end : end + 1;
            if (end >= 0)
            {
                return JsonNode.Parse(_message.ToArray())!;
            }
        }
    }
}
