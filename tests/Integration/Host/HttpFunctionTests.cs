using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using TodoFlow.Host.Configuration;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Host;

/// <summary>HTTP functions over real connections to the host.</summary>
public sealed class HttpFunctionTests : HttpFunctionTest
{
    [Fact]
    public async Task A_route_value_reaches_the_function()
    {
        var id = Guid.NewGuid();
        Assert.Equal($"thing {id}", await Client.GetFromJsonAsync<string>($"/things/{id}"));
    }

    [Fact]
    public async Task A_route_matches_without_regard_to_case() =>
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync($"/THINGS/{Guid.NewGuid()}")).StatusCode);

    [Theory]
    [InlineData("/things/seven")]
    [InlineData("/nothing")]
    [InlineData("/")]
    [InlineData("/things/a/b")]
    public async Task What_no_route_matches_is_a_404_problem(string path)
    {
        using var response = await Client.GetAsync(path);
        await AssertProblem(response, HttpStatusCode.NotFound, "route_not_found");
    }

    [Fact]
    public async Task Another_method_on_a_known_route_is_a_405_problem_that_names_the_right_ones()
    {
        using var response = await Client.DeleteAsync("/things");
        await AssertProblem(response, HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        Assert.Equal(["GET", "POST"], response.Content.Headers.Allow.Order());
    }

    [Fact]
    public async Task Methods_of_two_functions_on_one_template_are_allowed_together()
    {
        Assert.Equal("listed", await Client.GetFromJsonAsync<string>("/things"));
        using var response = await Client.PostAsync("/things", new StringContent("hello"));
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PATCH")]
    [InlineData("PURGE")]
    public async Task A_trigger_without_methods_takes_every_method(string method)
    {
        using var response = await Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/any"));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task The_answer_does_not_name_the_server()
    {
        using var response = await Client.GetAsync("/things");
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task A_client_that_goes_away_cancels_its_function()
    {
        using var gone = new CancellationTokenSource();
        var request = Client.GetAsync("/wait", gone.Token);
        Assert.Equal("started", await Observed.Next());
        await gone.CancelAsync();
        Assert.Equal("cancelled", await Observed.Next());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

    [Theory]
    [InlineData("/break")]
    [InlineData("/break-answer")]
    public async Task A_fault_outside_of_the_middleware_is_a_500_problem_without_its_details(string path)
    {
        using var response = await Client.GetAsync(path);
        await AssertProblem(response, HttpStatusCode.InternalServerError, "internal_error");
        Assert.DoesNotContain("swordfish", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_middleware_that_answers_itself_is_the_answer()
    {
        using var response = await Client.GetAsync("/blocked");
        Assert.Equal("blocked", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Each_request_has_a_trace_that_continues_the_callers()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nothing");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using var response = await Client.SendAsync(request);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", problem.GetProperty("trace_id").GetString());
    }

    [Fact]
    public async Task A_stopping_host_finishes_the_request_in_flight_and_takes_no_other()
    {
        var inFlight = Client.GetStringAsync("/wait");
        Assert.Equal("started", await Observed.Next());
        var stopped = Host.StopAsync();
        await ConnectionIsRefused();
        Assert.False(stopped.IsCompleted);

        WaitGate.Open();
        Assert.Equal("\"done\"", await inFlight);
        await stopped.WaitAsync(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Two_hosts_cannot_share_a_port()
    {
        await using var second = TestHost.Build([], null, options => options.Settings["urls"] = Host.Address.ToString());
        var error = await Assert.ThrowsAsync<HostStartException>(() => second.StartAsync());
        Assert.Contains($"{Host.Address.GetLeftPart(UriPartial.Authority)}: address already in use", error.Message, StringComparison.Ordinal);
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

    private Task ConnectionIsRefused() => Eventually.Holds(async () =>
    {
        using var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync(Host.Address.Host, Host.Address.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    });
}
