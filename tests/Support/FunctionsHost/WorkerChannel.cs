using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TodoFlow.Tests.Support.FunctionsHost.Rpc;

namespace TodoFlow.Tests.Support.FunctionsHost;

/// <summary>The host's end of the stream that a worker opens: requests, the worker's answers to them by their id, and its log.</summary>
public sealed class WorkerChannel : FunctionRpc.FunctionRpcBase, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TaskCompletionSource<IServerStreamWriter<StreamingMessage>> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _waiting = new();
    private readonly ConcurrentQueue<RpcLog> _logs = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private WebApplication? _server;

    /// <summary>The id that the worker is told, and names when it connects.</summary>
    public string WorkerId { get; } = Guid.NewGuid().ToString();

    /// <summary>Where the worker connects to.</summary>
    public Uri Address => new(_server!.Urls.First());

    /// <summary>What the worker logged to the host, by the host's protocol; its console is something else.</summary>
    public IReadOnlyCollection<RpcLog> Logs => _logs;

    /// <summary>Listens: HTTP/2 without TLS on the loopback address, as the host does.</summary>
    public static async Task<WorkerChannel> Listen()
    {
        var channel = new WorkerChannel();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRouting();
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = grpc.MaxSendMessageSize = null);
        builder.Services.AddSingleton(channel);
        channel._server = builder.Build();
        channel._server.MapGrpcService<WorkerChannel>();
        await channel._server.StartAsync();
        return channel;
    }

    /// <summary>Returns when the worker has connected.</summary>
    public Task Connected(CancellationToken ct) => _started.Task.WaitAsync(Patience, ct);

    /// <summary>Sends a request and waits for the response.</summary>
    /// <exception cref="IOException">The worker is gone.</exception>
    public async Task<StreamingMessage> Ask(StreamingMessage request)
    {
        request.RequestId = Guid.NewGuid().ToString();
        var answer = _waiting[request.RequestId] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Tell(request);
        return await answer.Task.WaitAsync(Patience);
    }

    /// <summary>Sends a message that has no answer.</summary>
    public async Task Tell(StreamingMessage message)
    {
        var stream = await _started.Task;
        await _writing.WaitAsync();
        try
        {
            await stream.WriteAsync(message);
        }
        catch (InvalidOperationException error) // the call has ended
        {
            throw new IOException("The worker is gone.", error);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The worker's stream, as long as it is open.</summary>
    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken) || requestStream.Current.StartStream?.WorkerId != WorkerId)
        {
            throw new Grpc.Core.RpcException(new Status(StatusCode.InvalidArgument, "The first message must be StartStream with the worker's id."));
        }

        _started.TrySetResult(responseStream);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, context.CancellationToken);
        try
        {
            while (await requestStream.MoveNext(ending.Token))
            {
                Receive(requestStream.Current);
            }
        }
        catch (Exception error) when (ending.IsCancellationRequested || error is IOException)
        {
            // The worker has ended, or is about to.
        }
        finally
        {
            foreach (var id in _waiting.Keys)
            {
                if (_waiting.TryRemove(id, out var waiting))
                {
                    waiting.TrySetException(new IOException("The worker is gone."));
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _server!.DisposeAsync();
        _stopping.Dispose();
        _writing.Dispose();
    }

    private void Receive(StreamingMessage message)
    {
        if (message.RpcLog is { } log)
        {
            _logs.Enqueue(log);
        }
        else if (_waiting.TryRemove(message.RequestId, out var waiting))
        {
            waiting.TrySetResult(message);
        }
    }
}
