using TodoFlow.Host;
using TodoFlow.Tests.Support;
using TodoFlow.Tests.Support.FunctionsHost;
using Xunit;
using Yarp.ReverseProxy.Transforms;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>
/// By which address sign-ins are counted: called by clients themselves, and by one trusted proxy, which these tests play. In the
/// standalone host, and under the double of the Functions host, whatever that does with the headers.
/// </summary>
public sealed class SignInAddressTests(
    SignInAddressTests.Direct direct, SignInAddressTests.Proxied proxied, SignInAddressTests.DirectFunctions directFunctions, SignInAddressTests.ProxiedFunctions proxiedFunctions)
    : IClassFixture<SignInAddressTests.Direct>, IClassFixture<SignInAddressTests.Proxied>,
        IClassFixture<SignInAddressTests.DirectFunctions>, IClassFixture<SignInAddressTests.ProxiedFunctions>
{
    private static int _clients;

    public static TheoryData<ForwardedTransformActions?> Hosts =>
        [null, ForwardedTransformActions.Set, ForwardedTransformActions.Append, ForwardedTransformActions.Off]; // null: standalone

    [Theory, MemberData(nameof(Hosts))]
    public async Task A_client_cannot_invent_addresses(ForwardedTransformActions? functionsHost)
    {
        using var client = Host(functionsHost, direct, directFunctions).Anonymous();

        foreach (var address in new[] { "203.0.113.1", "203.0.113.2, 10.0.0.1" })
        {
            await LogIn(client, address);
        }

        (await LogIn(client, "203.0.113.3")).IsProblem(429, "rate_limited");
        (await LogIn(client, "127.0.0.1")).IsProblem(429, "rate_limited");
        (await client.Post("/api/auth/login", new { })).IsProblem(429, "rate_limited");
    }

    [Theory, MemberData(nameof(Hosts))]
    public async Task Each_client_is_counted_by_the_address_that_the_proxy_appended(ForwardedTransformActions? functionsHost)
    {
        using var proxy = Host(functionsHost, proxied, proxiedFunctions).Anonymous();
        var (one, other) = (NextClient(), NextClient());
        (await LogIn(proxy, one)).IsProblem(400, "invalid_request");
        (await LogIn(proxy, $"1.1.1.1, {one}:5100")).IsProblem(400, "invalid_request");
        (await LogIn(proxy, $"2.2.2.2, {one}")).IsProblem(429, "rate_limited");

        (await LogIn(proxy, other)).IsProblem(400, "invalid_request");
        (await LogIn(proxy, $"{one}, {other}")).IsProblem(400, "invalid_request");
    }

    [Theory, MemberData(nameof(Hosts))]
    public async Task A_client_cannot_put_its_own_headers_in_the_place_of_those_received(ForwardedTransformActions? functionsHost)
    {
        using var proxy = Host(functionsHost, proxied, proxiedFunctions).Anonymous();
        var client = NextClient();
        foreach (var i in new[] { 1, 2 })
        {
            await LogIn(proxy, client, $$"""?HEADERS={"X-Forwarded-For":"198.51.100.{{i}}"}""");
            await LogIn(proxy, client, body: new { headers = new Dictionary<string, string> { ["X-Forwarded-For"] = $"198.51.100.{i}" } });
        }

        (await LogIn(proxy, client, """?headers={"X-Forwarded-For":"198.51.100.3"}""")).IsProblem(429, "rate_limited");
        (await LogIn(proxy, client, body: new { HEADERS = """{"X-Forwarded-For":"198.51.100.4"}""" })).IsProblem(429, "rate_limited");
        (await LogIn(proxy, client, body: """{'Headers':'{"X-Forwarded-For":"198.51.100.5"}'}""")).IsProblem(429, "rate_limited");
    }

    private static TestApp Host(ForwardedTransformActions? functionsHost, TestApp standalone, FunctionsApp functions)
    {
        if (functionsHost is not { } forwarded)
        {
            return standalone;
        }

        functions.Azure.Forwarded = forwarded;
        return functions;
    }

    // No two tests share one.
    private static string NextClient()
    {
        var number = Interlocked.Increment(ref _clients);
        return $"203.0.{number / 256}.{number % 256}";
    }

    private static Task<ApiAnswer> LogIn(ApiClient client, string from, string query = "", object? body = null) =>
        client.Post($"/api/auth/login{query}", body ?? new { }, ("X-Forwarded-For", from)); // refused at once, and counted

    private static void Limit(HostApplicationOptions options, string trustedProxies)
    {
        options.Settings["RateLimits:SignInsPerMinute"] = "2";
        options.Settings["RateLimits:TrustedProxies"] = trustedProxies;
    }

    public sealed class Direct : TestApp
    {
        protected override void Configure(HostApplicationOptions options) => Limit(options, "0");
    }

    public sealed class Proxied : TestApp
    {
        protected override void Configure(HostApplicationOptions options) => Limit(options, "1");
    }

    public sealed class DirectFunctions : FunctionsApp
    {
        protected override void Configure(HostApplicationOptions options) => Limit(options, "0");
    }

    public sealed class ProxiedFunctions : FunctionsApp
    {
        protected override void Configure(HostApplicationOptions options) => Limit(options, "1");
    }
}
