using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Assistant;

/// <summary>Where an external issuer signs people in, clients of the MCP server are told of it (RFC 9728).</summary>
public sealed class McpIssuerTests(McpIssuerTests.App app) : IClassFixture<McpIssuerTests.App>
{
    private const string Metadata = "resource_metadata=\"https://todo.example.com/.well-known/oauth-protected-resource/api/mcp\"";

    [Fact]
    public async Task A_refusal_says_where_tokens_come_from()
    {
        using var nobody = app.Anonymous();
        using var forger = new ApiClient(app.Address, "not.a.token");
        using var alice = await app.SignUp();
        using var blind = new ApiClient(app.Address, (await alice.Post("/api/tokens", new { name = "script", scopes = new[] { "tasks:write" } })).Is(201).Text("token"));

        Assert.Equal($"Bearer {Metadata}", await Challenge(nobody, 401));
        Assert.Equal($"Bearer error=\"invalid_token\", {Metadata}", await Challenge(forger, 401));
        Assert.Equal($"Bearer error=\"insufficient_scope\", scope=\"tasks:read\", {Metadata}", await Challenge(blind, 403));
        Assert.Equal("Bearer", (await nobody.Get("/api/tasks")).Is(401).Header("WWW-Authenticate")); // of MCP alone

        var metadata = (await nobody.Get("/.well-known/oauth-protected-resource/api/mcp")).Is(200);
        Assert.Equal("https://todo.example.com/api/mcp", metadata.Text("resource"));
        Assert.Equal(app.Issuer.Name, (string)metadata["authorization_servers"]![0]!);
        Assert.Equal("header", (string)metadata["bearer_methods_supported"]![0]!);
    }

    [Fact]
    public async Task A_token_of_the_issuer_calls_tools()
    {
        using var ada = new ApiClient(app.Address, app.Issuer.Token("ada", DateTimeOffset.UtcNow, claims: [("zoneinfo", "Europe/Berlin")]));

        Assert.Equal("Europe/Berlin", (string)(await new McpCaller(ada).Call("get_overview", new { }))["time_zone"]!);
    }

    private static async Task<string?> Challenge(ApiClient client, int status) =>
        (await new McpCaller(client).Send(new { jsonrpc = "2.0", id = 1, method = "tools/list" })).Is(status).Header("WWW-Authenticate");

    public sealed class App : TestApp
    {
        public TestIssuer Issuer { get; } = new();

        public override async Task InitializeAsync()
        {
            await Issuer.InitializeAsync();
            await base.InitializeAsync();
        }

        public override async Task DisposeAsync()
        {
            await base.DisposeAsync();
            await Issuer.DisposeAsync();
        }

        protected override void Configure(HostApplicationOptions options)
        {
            options.Settings["Auth:Authority"] = Issuer.Name;
            options.Settings["Auth:Audience"] = TestIssuer.Audience;
            options.Settings["Realtime:PublicUrl"] = "https://todo.example.com/";
        }
    }
}
