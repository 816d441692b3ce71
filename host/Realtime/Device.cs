using Microsoft.AspNetCore.SignalR;
using CloseMessage = Microsoft.AspNetCore.SignalR.Protocol.CloseMessage;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Host.Realtime;

/// <summary>
/// A device's connection, and the messages that wait for it, in their order. What waits is bounded in bytes: a device that reads more
/// slowly than it is told things is dropped, and asks for what it missed when it comes back.
/// </summary>
/// <param name="subject">The user, and the session that it is connected with.</param>
/// <param name="cut">Cuts the connection; never called once <see cref="Close"/> was.</param>
/// <param name="limit">How many bytes may wait.</param>
/// <param name="metrics">Counts what is sent and dropped.</param>
internal sealed class Device(AccessTokenSubject subject, Action cut, int limit, RealtimeMetrics metrics)
{
    private readonly Lock _sync = new();
    private Action? _cut = cut;
    private HubConnectionContext? _connection;
    private Queue<HubMessage>? _waiting;
    private int _waitingBytes;
    private bool _sending;
    private bool _closed;

    /// <summary>The user, and the session that it is connected with.</summary>
    public AccessTokenSubject Subject => subject;

    /// <summary>The user.</summary>
    public string UserId { get; } = subject.UserId.ToString();

    /// <summary>How many bytes wait.</summary>
    public int WaitingBytes
    {
        get
        {
            lock (_sync)
            {
                return _waitingBytes;
            }
        }
    }

    /// <summary>The handshake is done: messages may be sent, those first that came meanwhile.</summary>
    public void Connected(HubConnectionContext connection)
    {
        lock (_sync)
        {
            _connection = connection;
            if (_waiting is null or { Count: 0 })
            {
                return;
            }

            _sending = true;
        }

        _ = Send(connection);
    }

    /// <summary>Takes a message. Returns at once, however slow the device is.</summary>
    public void Add(HubMessage message)
    {
        HubConnectionContext? start = null;
        lock (_sync)
        {
            if (_closed)
            {
                return;
            }

            // One message always fits.
            if (_waitingBytes > 0 && _waitingBytes + message.Bytes > limit)
            {
                metrics.Dropped();
                CutLocked();
            }
            else
            {
                (_waiting ??= new()).Enqueue(message);
                _waitingBytes += message.Bytes;
                if (!_sending && _connection is not null)
                {
                    _sending = true;
                    start = _connection;
                }
            }
        }

        if (start is not null)
        {
            _ = Send(start);
        }
    }

    /// <summary>The connection has ended, or is about to: waits for a cut that is under way, and none follows.</summary>
    public void Close()
    {
        lock (_sync)
        {
            CloseLocked();
            _cut = null;
        }
    }

    /// <summary>Tells a device to connect again; what it missed it asks for then.</summary>
    public void AskToReconnect()
    {
        HubConnectionContext? connection;
        lock (_sync)
        {
            connection = _connection;
            if (connection is null)
            {
                CutLocked(); // it has not said yet that it is there
                return;
            }

            CloseLocked();
        }

        _ = connection.WriteAsync(new CloseMessage(error: null, allowReconnect: true), connection.ConnectionAborted).AsTask();
    }

    /// <summary>Ends the connection, because its session has ended.</summary>
    public void Cut()
    {
        lock (_sync)
        {
            CutLocked();
        }
    }

    // Within the lock: the request lives until Close had it, and throws afterwards.
    private void CutLocked()
    {
        CloseLocked();
        _cut?.Invoke();
        _cut = null;
    }

    private void CloseLocked()
    {
        _closed = true;
        _waiting = null;
        _waitingBytes = 0;
    }

    private async Task Send(HubConnectionContext connection)
    {
        while (true)
        {
            HubMessage? message;
            lock (_sync)
            {
                if (_waiting is null || !_waiting.TryPeek(out message))
                {
                    _sending = false;
                    return;
                }
            }

            try
            {
                await connection.WriteAsync(message.Serialized, connection.ConnectionAborted); // waits for the device's network
            }
            catch (OperationCanceledException)
            {
                Close(); // the connection has ended
                return;
            }

            metrics.Sent(message.Target);
            lock (_sync)
            {
                if (_waiting?.TryDequeue(out _) == true)
                {
                    _waitingBytes -= message.Bytes;
                }
            }
        }
    }
}

/// <summary>A message to devices, written once for all of them.</summary>
/// <param name="Target">The client's method.</param>
/// <param name="Serialized">The message.</param>
/// <param name="Bytes">How long it is.</param>
internal sealed record HubMessage(string Target, SerializedHubMessage Serialized, int Bytes);
