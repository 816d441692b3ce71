using System.Net;
using System.Net.Sockets;

namespace TodoFlow.Bench;

/// <summary>
/// Asks a server on this machine for <c>/health/ready</c> until it answers with 200. Made to cost the cores that the server starts on next to
/// nothing: a look every two milliseconds, and no exception while nobody listens.
/// </summary>
internal static class ReadinessProbe
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(2);

    private static ReadOnlyMemory<byte> Request { get; } = "GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"u8.ToArray();

    /// <summary>Waits for the first 200.</summary>
    /// <param name="port">Where it will listen.</param>
    /// <param name="isRunning">Whether there is still somebody to wait for.</param>
    /// <returns>Whether it came: false where the server ended before.</returns>
    public static async Task<bool> Wait(int port, Func<bool> isRunning)
    {
        var endPoint = new IPEndPoint(IPAddress.Loopback, port);
        var answer = new byte[256];
        while (isRunning())
        {
            if (await IsReady(endPoint, answer))
            {
                return true;
            }

            await Task.Delay(Between);
        }

        return false;
    }

    private static async Task<bool> IsReady(IPEndPoint endPoint, byte[] answer)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (!await Connects(socket, endPoint))
            {
                return false;
            }

            await socket.SendAsync(Request);
            var read = await socket.ReceiveAsync(answer.AsMemory());
            return answer.AsSpan(0, read).StartsWith("HTTP/1.1 200 "u8);
        }
        catch (SocketException)
        {
            return false; // it ended
        }
    }

    private static async Task<bool> Connects(Socket socket, IPEndPoint endPoint)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var attempt = new SocketAsyncEventArgs { RemoteEndPoint = endPoint };
        attempt.Completed += (_, _) => done.SetResult();
        if (socket.ConnectAsync(attempt))
        {
            await done.Task;
        }

        return attempt.SocketError == SocketError.Success;
    }
}
