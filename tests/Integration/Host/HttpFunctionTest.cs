using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Host;

/// <summary>A test of a host that runs a few functions, over real connections.</summary>
public abstract class HttpFunctionTest : IAsyncLifetime
{
    protected Observed<string> Observed { get; } = new();

    protected Gate WaitGate { get; } = new();

    protected HttpClient Client { get; } = new();

    protected HostApplication Host { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Host = await TestHost.Start(
            [typeof(ShowThing), typeof(ListThings), typeof(AnyMethod), typeof(Echo), typeof(Wait), typeof(Break), typeof(BreakAnswer), typeof(Blocked)],
            services => services.AddSingleton(Observed).AddSingleton(WaitGate),
            options =>
            {
                options.Middleware = [typeof(Blocking)];
                options.Settings["Host:ShutdownTimeout"] = "00:00:20";
            });
        Client.BaseAddress = Host.Address;
    }

    public async Task DisposeAsync()
    {
        WaitGate.Open();
        Client.Dispose();
        await Host.DisposeAsync();
    }

    /// <summary>Holds the function <c>Wait</c> until it is opened.</summary>
    public sealed class Gate
    {
        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Opened => _opened.Task;

        public void Open() => _opened.TrySetResult();
    }

    public static class ShowThing
    {
        [Function("ShowThing")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things/{id:guid}")] HttpRequest request) =>
            TypedResults.Ok($"thing {request.RouteValues["id"]}");
    }

    public static class ListThings
    {
        [Function("ListThings")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things")] HttpRequest request) => TypedResults.Ok("listed");
    }

    public static class Echo
    {
        [Function("Echo")]
        public static async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "things")] HttpRequest request, CancellationToken ct)
        {
            using var reader = new StreamReader(request.Body);
            return TypedResults.Text(await reader.ReadToEndAsync(ct));
        }
    }

    public static class AnyMethod
    {
        [Function("AnyMethod")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "any")] HttpRequest request) => TypedResults.NoContent();
    }

    public sealed class Wait(Observed<string> observed, Gate gate)
    {
        [Function("Wait")]
        public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "wait")] HttpRequest request, CancellationToken ct)
        {
            observed.Add("started");
            try
            {
                await gate.Opened.WaitAsync(ct);
            }
            catch (OperationCanceledException)
            {
                observed.Add("cancelled");
                throw;
            }

            return TypedResults.Ok("done");
        }
    }

    public static class Break
    {
        [Function("Break")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "break")] HttpRequest request) =>
            throw new InvalidOperationException("swordfish");
    }

    public static class BreakAnswer
    {
        [Function("BreakAnswer")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "break-answer")] HttpRequest request) => new Broken();

        private sealed class Broken : IResult
        {
            public Task ExecuteAsync(HttpContext httpContext) => throw new InvalidOperationException("swordfish");
        }
    }

    public static class Blocked
    {
        [Function("Blocked")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "blocked")] HttpRequest request) => TypedResults.Ok("not blocked");
    }

    public sealed class Blocking : IFunctionsWorkerMiddleware
    {
        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next) =>
            context.FunctionDefinition.Name == "Blocked" ? context.GetHttpContext()!.Response.WriteAsync("blocked") : next(context);
    }
}
