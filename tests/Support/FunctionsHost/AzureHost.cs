using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using TodoFlow.Tests.Support.FunctionsHost.Rpc;
using Yarp.ReverseProxy.Transforms;

namespace TodoFlow.Tests.Support.FunctionsHost;

/// <summary>
/// A double of the Azure Functions host (4.x): starts a published function app as a worker, asks for its functions, loads those of the
/// allow-list, and invokes them: for HTTP requests, and for timers when a test says so. Kafka triggers are listed, not run: the
/// binding of their records is the extension's.
/// </summary>
public sealed class AzureHost : IAsyncDisposable
{
    private const string AllowList = "AzureFunctionsJobHost:functions:";

    private readonly WorkerChannel _channel;
    private readonly WorkerProcess _process;
    private HttpFront? _front;

    private AzureHost(WorkerChannel channel, WorkerProcess process)
    {
        _channel = channel;
        _process = process;
    }

    /// <summary>Where clients connect to.</summary>
    public Uri Address => _front!.Address;

    /// <summary>What becomes of the X-Forwarded headers that a client sent: they are replaced, unless a test says otherwise.</summary>
    public ForwardedTransformActions Forwarded
    {
        get => _front!.Forwarded;
        set => _front!.Forwarded = value;
    }

    /// <summary>Where the worker's own web server listens; only the host should talk to it.</summary>
    public Uri WorkerAddress { get; private set; } = null!;

    /// <summary>The functions that are loaded, in the order of their names.</summary>
    public IReadOnlyList<WorkerFunction> Functions { get; private set; } = [];

    /// <summary>What the worker can do, by name.</summary>
    public IReadOnlyDictionary<string, string> Capabilities { get; private set; } = new Dictionary<string, string>();

    /// <summary>The worker's process: what it wrote.</summary>
    public WorkerProcess Worker => _process;

    /// <summary>What the worker logged to the host.</summary>
    public IReadOnlyCollection<RpcLog> Logs => _channel.Logs;

    /// <summary>Starts the host and its worker; returns when the functions can be called.</summary>
    /// <param name="folder">The published function app.</param>
    /// <param name="settings">Settings by their configuration key.</param>
    /// <exception cref="InvalidOperationException">The worker ended, or could not load a function.</exception>
    public static async Task<AzureHost> Start(string folder, IReadOnlyDictionary<string, string?> settings)
    {
        var channel = await WorkerChannel.Listen();
        var host = new AzureHost(channel, WorkerProcess.Start(folder, channel.Address, channel.WorkerId, settings));
        using var stop = new CancellationTokenSource();
        try
        {
            var ended = host._process.Ended(stop.Token);
            await await Task.WhenAny(host.Load(folder, settings, stop.Token), ended);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    /// <summary>Runs a timer function once, as its schedule would.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task FireTimer(string name)
    {
        var function = Functions.Single(function => function.Name == name && function.TriggerType == "timerTrigger");
        var invocation = function.ToInvocation();
        invocation.InputData.Add(new ParameterBinding
        {
            Name = function.Parameter,
            Data = new TypedData { Json = """{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}""" },
        });
        var answer = await _channel.Ask(new StreamingMessage { InvocationRequest = invocation });
        Require(answer.InvocationResponse.Result, name);
    }

    /// <summary>Stops as the host does when its own process is stopped.</summary>
    /// <exception cref="InvalidOperationException">The worker failed, or did not end in time; what it wrote is the message.</exception>
    public async Task Stop()
    {
        await (_front?.DisposeAsync() ?? default);
        _front = null;
        await _channel.Tell(new StreamingMessage { WorkerTerminate = new WorkerTerminate { GracePeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)) } });
        if (await _process.Exited() is var code && code != 0)
        {
            var written = _process.Output.Concat(_process.Errors).Concat(Logs.Select(log => log.Message));
            throw new InvalidOperationException($"The worker ended ({code?.ToString(CultureInfo.InvariantCulture) ?? "not in time"}):\n{string.Join('\n', written)}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await (_front?.DisposeAsync() ?? default);
        _process.Dispose();
        await _channel.DisposeAsync();
    }

    private async Task Load(string folder, IReadOnlyDictionary<string, string?> settings, CancellationToken ct)
    {
        await _channel.Connected(ct);
        var init = new WorkerInitRequest { HostVersion = "4.0.0", WorkerDirectory = folder, FunctionAppDirectory = folder };
        var initialized = (await _channel.Ask(new StreamingMessage { WorkerInitRequest = init })).WorkerInitResponse;
        Require(initialized.Result, "The worker");
        Capabilities = initialized.Capabilities.ToDictionary();
        WorkerAddress = new Uri(Capabilities["HttpUri"]);

        var indexing = new FunctionsMetadataRequest { FunctionAppDirectory = folder };
        var indexed = (await _channel.Ask(new StreamingMessage { FunctionsMetadataRequest = indexing })).FunctionMetadataResponse;
        Require(indexed.Result, "The index");
        var allowed = settings.Where(setting => setting.Key.StartsWith(AllowList, StringComparison.Ordinal)).Select(setting => setting.Value).ToHashSet();
        Functions =
        [
            .. indexed.FunctionMetadataResults.Select(WorkerFunction.Read)
                .Where(function => allowed.Count == 0 || allowed.Contains(function.Name))
                .OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase),
        ];
        foreach (var function in Functions)
        {
            var loaded = await _channel.Ask(new StreamingMessage { FunctionLoadRequest = function.ToLoadRequest() });
            Require(loaded.FunctionLoadResponse.Result, function.Name);
        }

        var hostJson = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "host.json"), ct))!;
        var routePrefix = hostJson["extensions"]?["http"]?["routePrefix"]?.GetValue<string>() ?? "api";
        await Listens(WorkerAddress, ct);
        _front = await HttpFront.Start(_channel, WorkerAddress, routePrefix, Functions.Where(function => function.TriggerType == "httpTrigger"));
    }

    // The worker loads functions while its web server still starts: until then no request reaches it, and being stopped makes its start fail.
    private static async Task Listens(Uri server, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(server.Host, server.Port, ct);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), ct);
            }
        }
    }

    private static void Require(StatusResult result, string what)
    {
        if (result.Status != StatusResult.Types.Status.Success)
        {
            throw new InvalidOperationException($"{what} failed: {result.Exception?.Message}");
        }
    }
}
