using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Host;

/// <summary>HTTP functions over real connections to the host.</summary>
public sealed class HttpFunctionTests : IAsyncLifetime
{
    private readonly Observed<string> _observed = new();
    private readonly Gate _gate = new();
    private readonly HttpClient _client = new();
    private HostApplication _host = null!;

    public async Task InitializeAsync()
    {
        _host = await TestHost.Start(
            [typeof(ShowThing), typeof(ListThings), typeof(AnyMethod), typeof(Echo), typeof(Wait), typeof(Break), typeof(BreakAnswer), typeof(Blocked)],
            services => services.AddSingleton(_observed).AddSingleton(_gate),
            options =>
            {
                options.Middleware = [typeof(Blocking)];
                options.Settings["Host:ShutdownTimeout"] = "00:00:20";
            });
        _client.BaseAddress = _host.Address;
    }

    public async Task DisposeAsync()
    {
        _gate.Open();
        _client.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_route_value_reaches_the_function()
    {
        var id = Guid.NewGuid();
        Assert.Equal($"thing {id}", await _client.GetFromJsonAsync<string>($"/things/{id}"));
    }

    [Fact]
    public async Task A_route_matches_without_regard_to_case() =>
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync($"/THINGS/{Guid.NewGuid()}")).StatusCode);

    [Theory]
    [InlineData("/things/seven")]
    [InlineData("/nothing")]
    [InlineData("/")]
    [InlineData("/things/a/b")]
    public async Task What_no_route_matches_is_a_404_problem(string path)
    {
        using var response = await _client.GetAsync(path);
        await AssertProblem(response, HttpStatusCode.NotFound, "route_not_found");
    }

    [Fact]
    public async Task Another_method_on_a_known_route_is_a_405_problem_that_names_the_right_ones()
    {
        using var response = await _client.DeleteAsync("/things");
        await AssertProblem(response, HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        Assert.Equal(["GET", "POST"], response.Content.Headers.Allow.Order());
    }

    [Fact]
    public async Task Methods_of_two_functions_on_one_template_are_allowed_together()
    {
        Assert.Equal("listed", await _client.GetFromJsonAsync<string>("/things"));
        using var response = await _client.PostAsync("/things", new StringContent("hello"));
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PATCH")]
    [InlineData("PURGE")]
    public async Task A_trigger_without_methods_takes_every_method(string method)
    {
        using var response = await _client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/any"));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task The_answer_does_not_name_the_server()
    {
        using var response = await _client.GetAsync("/things");
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task A_client_that_goes_away_cancels_its_function()
    {
        using var gone = new CancellationTokenSource();
        var request = _client.GetAsync("/wait", gone.Token);
        Assert.Equal("started", await _observed.Next());
        await gone.CancelAsync();
        Assert.Equal("cancelled", await _observed.Next());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

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

    [Theory]
    [InlineData("/break")]
    [InlineData("/break-answer")]
    public async Task A_fault_outside_of_the_middleware_is_a_500_problem_without_its_details(string path)
    {
        using var response = await _client.GetAsync(path);
        await AssertProblem(response, HttpStatusCode.InternalServerError, "internal_error");
        Assert.DoesNotContain("swordfish", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_middleware_that_answers_itself_is_the_answer()
    {
        using var response = await _client.GetAsync("/blocked");
        Assert.Equal("blocked", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Each_request_has_a_trace_that_continues_the_callers()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nothing");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using var response = await _client.SendAsync(request);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", problem.GetProperty("trace_id").GetString());
    }

    [Fact]
    public async Task A_stopping_host_finishes_the_request_in_flight_and_takes_no_other()
    {
        var inFlight = _client.GetStringAsync("/wait");
        Assert.Equal("started", await _observed.Next());
        var stopped = _host.StopAsync();
        await ConnectionIsRefused();
        Assert.False(stopped.IsCompleted);

        _gate.Open();
        Assert.Equal("\"done\"", await inFlight);
        await stopped.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Two_hosts_cannot_share_a_port()
    {
        await using var second = TestHost.Build([], null, options => options.Settings["urls"] = _host.Address.ToString());
        var error = await Assert.ThrowsAsync<HostStartException>(() => second.StartAsync());
        Assert.Contains($"{_host.Address.GetLeftPart(UriPartial.Authority)}: address already in use", error.Message, StringComparison.Ordinal);
    }

    private static async Task AssertProblem(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(32, problem.GetProperty("trace_id").GetString()!.Length);
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }

    /// <summary>Sends bytes as they are, and reads the status line that comes back; empty where the host closes without one.</summary>
    private async Task<string> Send(string request, bool hangUp = false)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(_host.Address.Host, _host.Address.Port);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        if (hangUp)
            connection.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        try
        {
            return await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)) ?? "";
        }
        catch (IOException)
        {
            return ""; // the host reset the connection
        }
    }

    private async Task ConnectionIsRefused()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            deadline.Token.ThrowIfCancellationRequested();
            using var connection = new TcpClient();
            try
            {
                await connection.ConnectAsync(_host.Address.Host, _host.Address.Port, deadline.Token);
            }
            catch (SocketException)
            {
                return;
            }
        }
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
