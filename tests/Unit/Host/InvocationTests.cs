using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using NSubstitute;
using TodoFlow.Host.Invocation;
using Xunit;

namespace TodoFlow.Tests.Unit.Host;

/// <summary>How a function is called: its instance, its parameters, what it returns, the chain around it.</summary>
public sealed class InvocationTests
{
    [Fact]
    public async Task An_http_function_receives_the_request_the_token_and_the_context()
    {
        using var aborted = new CancellationTokenSource();
        var http = Http(new ServiceCollection().AddScoped<Probe>(), aborted.Token);
        http.Request.Path = "/probe";
        http.Request.RouteValues["id"] = "7";

        var context = await Invoke<Inspect>(http);

        var probe = http.RequestServices.GetRequiredService<Probe>();
        Assert.Equal("/probe", probe.Request?.Path.Value);
        Assert.Equal(aborted.Token, probe.Cancellation);
        Assert.NotNull(probe.Context);
        Assert.Same(context, probe.Context);
        Assert.Same(http, probe.Context.GetHttpContext());
        Assert.Equal("7", probe.Context.BindingContext.BindingData["id"]);
        Assert.Equal((0, 0), (probe.Context.RetryContext.RetryCount, probe.Context.RetryContext.MaxRetryCount));
        Assert.Equal(probe.Context.InvocationId, probe.Context.InvocationId);
        Assert.IsType<Microsoft.AspNetCore.Http.HttpResults.Ok>(context.Result);
    }

    [Theory]
    [InlineData(typeof(ReturnsResult), true)]
    [InlineData(typeof(ReturnsTaskOfResult), true)]
    [InlineData(typeof(ReturnsTaskOfOk), true)]
    [InlineData(typeof(ReturnsLater), true)]
    [InlineData(typeof(ReturnsTask), false)]
    [InlineData(typeof(ReturnsNothing), false)]
    public async Task What_a_function_returns_is_unwrapped(Type function, bool answers)
    {
        var context = await Invoke(function, Http(new ServiceCollection()));
        Assert.Equal(answers, context.Result is IResult);
    }

    [Fact]
    public async Task Each_invocation_has_an_instance_from_its_own_scope()
    {
        await using var services = new ServiceCollection().AddScoped<Probe>().BuildServiceProvider();
        var seen = new List<Probe>();
        for (var i = 0; i < 2; i++)
        {
            await using var scope = services.CreateAsyncScope();
            await Invoke<Inspect>(new DefaultHttpContext { RequestServices = scope.ServiceProvider });
            seen.Add(scope.ServiceProvider.GetRequiredService<Probe>());
            Assert.NotNull(seen[i].Request);
        }

        Assert.NotSame(seen[0], seen[1]);
    }

    [Fact]
    public async Task What_a_function_throws_reaches_the_middleware_as_it_is()
    {
        var function = Assert.Single(Catalog.Discover([typeof(Throws)]).Functions);
        var caught = new Catching();
        await new InvocationPipeline([caught], sender: null).Run(new InvocationContext(function, Http(new ServiceCollection())));
        Assert.Equal("as it is", Assert.IsType<InvalidTimeZoneException>(caught.Error).Message);
    }

    [Fact]
    public async Task Middleware_runs_in_the_order_of_the_list_around_the_function()
    {
        var log = new List<string>();
        var pipeline = new InvocationPipeline([new Step("outer", log), new Step("inner", log)], sender: null);
        var function = Assert.Single(Catalog.Discover([typeof(Logs)]).Functions);

        await pipeline.Run(new InvocationContext(function, Http(new ServiceCollection().AddSingleton(log))));

        Assert.Equal(["outer in", "inner in", "function", "inner out", "outer out"], log);
    }

    [Fact]
    public async Task A_middleware_that_does_not_go_on_keeps_the_function_from_running()
    {
        var function = Assert.Single(Catalog.Discover([typeof(Throws)]).Functions);
        var context = new InvocationContext(function, Http(new ServiceCollection()));
        await new InvocationPipeline([Substitute.For<IFunctionsWorkerMiddleware>()], sender: null).Run(context);
        Assert.Null(context.Result);
    }

    [Fact]
    public async Task Messages_that_a_function_returns_are_sent_to_its_hub()
    {
        var sender = Substitute.For<ISignalRSender>();
        var function = Assert.Single(Catalog.Discover([typeof(Messages)]).Functions);
        await using var services = new ServiceCollection().BuildServiceProvider();
        await new InvocationPipeline([], sender).Run(new InvocationContext(function, new KafkaRecord(), services, 0, CancellationToken.None));
        await sender.Received(1).Send(
            Arg.Is<SignalROutputAttribute>(output => output.HubName == "notifications"),
            Arg.Is<IReadOnlyList<SignalRMessageAction>>(messages => messages.Single().Target == "task_update"),
            Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task A_record_reaches_its_parameter()
    {
        var record = new KafkaRecord { Topic = "events", Offset = 42 };
        var function = Assert.Single(Catalog.Discover([typeof(Consumes)]).Functions);
        await using var services = new ServiceCollection().AddSingleton<Probe>().BuildServiceProvider();
        var context = new InvocationContext(function, record, services, retryCount: 2, CancellationToken.None);
        await new InvocationPipeline([], sender: null).Run(context);
        Assert.Same(record, services.GetRequiredService<Probe>().Record);
        Assert.Equal((2, 5), (context.RetryContext.RetryCount, context.RetryContext.MaxRetryCount));
        Assert.Null(context.GetHttpContext());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(4, 16)]
    [InlineData(5, 30)]
    [InlineData(100_000, 30)]
    public void A_backoff_doubles_up_to_its_maximum(int retryCount, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new RetryPolicy(-1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)).Delay(retryCount));

    [Fact]
    public void A_retry_count_of_minus_one_is_for_ever()
    {
        var forEver = new RetryPolicy(-1, TimeSpan.Zero, TimeSpan.Zero);
        Assert.True(forEver.Allows(int.MaxValue));
        Assert.False(RetryPolicy.None.Allows(0));
    }

    private static DefaultHttpContext Http(IServiceCollection services, CancellationToken aborted = default) =>
        new() { RequestServices = services.BuildServiceProvider(), RequestAborted = aborted };

    private static Task<InvocationContext> Invoke<T>(HttpContext http) => Invoke(typeof(T), http);

    private static async Task<InvocationContext> Invoke(Type type, HttpContext http)
    {
        var context = new InvocationContext(Assert.Single(Catalog.Discover([type]).Functions), http);
        await new InvocationPipeline([], sender: null).Run(context);
        return context;
    }

    public sealed class Probe
    {
        public HttpRequest? Request { get; set; }

        public CancellationToken Cancellation { get; set; }

        public FunctionContext? Context { get; set; }

        public KafkaRecord? Record { get; set; }
    }

    public sealed class Inspect(Probe probe)
    {
        [Function("Inspect")]
        public IResult Run(FunctionContext context, [HttpTrigger] HttpRequest request, CancellationToken ct)
        {
            (probe.Request, probe.Cancellation, probe.Context) = (request, ct, context);
            return TypedResults.Ok();
        }
    }

    public static class ReturnsResult { [Function("F")] public static IResult Run([HttpTrigger] HttpRequest r) => Results.Ok(); }

    public static class ReturnsTaskOfResult { [Function("F")] public static Task<IResult> Run([HttpTrigger] HttpRequest r) => Task.FromResult(Results.Ok()); }

    public static class ReturnsTaskOfOk
    {
        [Function("F")]
        public static Task<Microsoft.AspNetCore.Http.HttpResults.Ok> Run([HttpTrigger] HttpRequest r) => Task.FromResult(TypedResults.Ok());
    }

    public static class ReturnsLater
    {
        [Function("F")]
        public static async Task<IResult> Run([HttpTrigger] HttpRequest r)
        {
            await Task.Yield();
            return Results.Ok();
        }
    }

    public static class ReturnsTask { [Function("F")] public static Task Run([HttpTrigger] HttpRequest r) => Task.CompletedTask; }

    public static class ReturnsNothing { [Function("F")] public static void Run([HttpTrigger] HttpRequest r) { } }

    public static class Throws
    {
        [Function("Throws")]
        public static Task<IResult> Run([HttpTrigger] HttpRequest r) => throw new InvalidTimeZoneException("as it is");
    }

    public sealed class Logs(List<string> log)
    {
        [Function("Logs")]
        public void Run([HttpTrigger] HttpRequest r) => log.Add("function");
    }

    public static class Messages
    {
        [Function("Messages")]
        [SignalROutput(HubName = "notifications")]
        public static Task<SignalRMessageAction[]> Run([KafkaTrigger("b", "t")] KafkaRecord record) =>
            Task.FromResult<SignalRMessageAction[]>([new("task_update")]);
    }

    public sealed class Consumes(Probe probe)
    {
        [Function("Consumes")]
        [FixedDelayRetry(5, "00:00:01")]
        public void Run([KafkaTrigger("b", "t")] KafkaRecord record) => probe.Record = record;
    }

    private sealed class Step(string name, List<string> log) : IFunctionsWorkerMiddleware
    {
        public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            log.Add($"{name} in");
            await next(context);
            log.Add($"{name} out");
        }
    }

    private sealed class Catching : IFunctionsWorkerMiddleware
    {
        public Exception? Error { get; private set; }

        public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            try
            {
                await next(context);
            }
            catch (InvalidTimeZoneException error)
            {
                Error = error;
            }
        }
    }
}
