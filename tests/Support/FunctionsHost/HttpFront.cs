using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing.Constraints;
using TodoFlow.Tests.Support.FunctionsHost.Rpc;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace TodoFlow.Tests.Support.FunctionsHost;

/// <summary>
/// The host's web server: tells the worker of each invocation over gRPC, forwards the request itself to the worker's web server, and
/// answers 404 with nothing where no function has the route and the method. The rules are those of the real host 4.x: routes are tried
/// in the order of the functions' names; the body is read before the worker hears of it; X-Forwarded-For, -Host and -Proto are replaced
/// (other versions append to them, or leave them as they are).
/// </summary>
internal sealed class HttpFront : IAsyncDisposable
{
    private const string CorrelationHeader = "x-ms-invocation-id";
    private const long MaxBody = 104_857_600; // the host's

    private readonly WorkerChannel _worker;
    private readonly Uri _workerAddress;
    private readonly WebApplication _app;
    private readonly IHttpForwarder _forwarder;
    private readonly ITransformBuilder _transforms;
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private HttpFront(WorkerChannel worker, Uri workerAddress, WebApplication app)
    {
        _worker = worker;
        _workerAddress = workerAddress;
        _app = app;
        _forwarder = app.Services.GetRequiredService<IHttpForwarder>();
        _transforms = app.Services.GetRequiredService<ITransformBuilder>();
    }

    /// <summary>What becomes of the X-Forwarded headers that a client sent.</summary>
    public ForwardedTransformActions Forwarded { get; set; } = ForwardedTransformActions.Set;

    /// <summary>Where clients connect to.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>Starts it.</summary>
    public static async Task<HttpFront> Start(WorkerChannel worker, Uri workerAddress, string routePrefix, IEnumerable<WorkerFunction> functions)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = MaxBody;
        });
        builder.Services.AddRouting().AddReverseProxy();
        var front = new HttpFront(worker, workerAddress, builder.Build());
        front.Map(routePrefix, functions);
        await front._app.StartAsync();
        return front;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private void Map(string routePrefix, IEnumerable<WorkerFunction> functions)
    {
        var constraints = _app.Services.GetRequiredService<IInlineConstraintResolver>();
        var routes = new RouteCollection();
        foreach (var function in functions.OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase))
        {
            var methods = new Dictionary<string, object>();
            if (function.Methods is { } named)
            {
                methods.Add("httpMethod", new HttpMethodRouteConstraint([.. named]));
            }

            routes.Add(new Route(
                new RouteHandler(http => Serve(function, http)), function.Name, $"{routePrefix}/{function.Route}".TrimStart('/'), [], methods, [], constraints));
        }

        _app.UseRouter(routes); // what it does not match ends as an empty 404
    }

    private async Task Serve(WorkerFunction function, HttpContext http)
    {
        var invocation = function.ToInvocation();
        invocation.InputData.Add(new ParameterBinding { Name = function.Parameter, Data = new TypedData { Http = new Http() } });
        foreach (var (name, value) in await BindingData(http))
        {
            invocation.TriggerMetadata[name] = value;
        }

        http.Request.Headers[CorrelationHeader] = invocation.InvocationId;
        var headers = _transforms.Create(transforms => transforms.AddXForwarded(Forwarded));
        var forwarding = _forwarder.SendAsync(http, _workerAddress.ToString(), _client, ForwarderRequestConfig.Empty, headers).AsTask();
        await using var gone = http.RequestAborted.Register(() => _ = Cancel(invocation.InvocationId));
        var answer = await _worker.Ask(new StreamingMessage { InvocationRequest = invocation });
        var error = await forwarding;
        var failed = error != ForwarderError.None || answer.InvocationResponse.Result.Status != StatusResult.Types.Status.Success;
        if (failed && !http.Response.HasStarted)
        {
            http.Response.Clear();
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private async Task Cancel(string invocationId)
    {
        try
        {
            await _worker.Tell(new StreamingMessage { InvocationCancel = new InvocationCancel { InvocationId = invocationId } });
        }
        catch (IOException)
        {
            // The worker is gone as well.
        }
    }

    /// <summary>
    /// What the host knows of a request, as the trigger's metadata: the fields of a JSON body, the query's parameters, the route's values,
    /// and then the query and the headers as a whole, unless one of the former has taken the name.
    /// </summary>
    private static async Task<Dictionary<string, TypedData>> BindingData(HttpContext http)
    {
        var request = http.Request;
        var data = new Dictionary<string, TypedData>(StringComparer.OrdinalIgnoreCase);
        if (request.ContentLength > 0)
        {
            request.EnableBuffering();
            using var reader = new StreamReader(request.Body, Encoding.UTF8, leaveOpen: true);
            AddFields(data, await reader.ReadToEndAsync(http.RequestAborted));
            request.Body.Position = 0;
        }

        foreach (var (name, value) in request.Query)
        {
            data[name] = new TypedData { String = value.ToString() };
        }

        foreach (var (name, value) in http.GetRouteData().Values)
        {
            data[name] = new TypedData { String = $"{value}" };
        }

        data.TryAdd("Query", Json(request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString())));
        data.TryAdd("Headers", Json(request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value.ToString())));
        return data;
    }

    private static void AddFields(Dictionary<string, TypedData> data, string body)
    {
        try
        {
            foreach (var (name, value) in JsonNode.Parse(body) as JsonObject ?? [])
            {
                if (value is not (null or JsonArray))
                {
                    data[name] = value is JsonObject ? new TypedData { Json = value.ToJsonString() } : new TypedData { String = value.ToString() };
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            // Not JSON, or text that is not Unicode, or a field twice.
        }
    }

    private static TypedData Json(object value) => new() { Json = JsonSerializer.Serialize(value) };
}
