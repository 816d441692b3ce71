using System.Text;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TodoFlow.Host.Realtime;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Realtime;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Realtime;

/// <summary>Azure SignalR Service, as its documentation and its own libraries have it.</summary>
public sealed class AzureSignalRTests
{
    private const string Key = "dGhlIGtleSBvZiBhIHRlc3QsIGxvbmcgZW5vdWdo";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_client_is_sent_to_the_service_with_a_token_for_its_user()
    {
        var user = Guid.CreateVersion7();

        var connection = Service($"Endpoint=https://todo.service.signalr.net;AccessKey={Key};Version=1.0;").Invite(new AccessTokenSubject(user, null), "https://ignored.example.com");

        Assert.Equal("https://todo.service.signalr.net/client/?hub=notifications", connection.Url);
        var token = await Verify(connection.AccessToken, connection.Url);
        Assert.Equal((user.ToString(), user.ToString()), (token.GetClaim("asrs.s.uid").Value, token.GetClaim("nameid").Value));
        Assert.Equal(Now.UtcDateTime.AddMinutes(10), token.ValidTo);
        Assert.Equal("HS256", token.Alg);
    }

    [Theory]
    [InlineData("Endpoint=http://localhost;Port=8888;AccessKey=" + Key, "http://localhost:8888/client/?hub=notifications", "http://localhost/client/?hub=notifications")] // the emulator
    [InlineData("endpoint=https://a.example.com/;accesskey=" + Key + ";ClientEndpoint=https://b.example.com", "https://b.example.com/client/?hub=notifications", "https://a.example.com/client/?hub=notifications")]
    public async Task Ports_and_client_endpoints_are_where_clients_connect_and_no_part_of_the_audience(string connectionString, string url, string audience)
    {
        var connection = Service(connectionString).Invite(new AccessTokenSubject(Guid.CreateVersion7(), null), "");
        Assert.Equal(url, connection.Url);
        await Verify(connection.AccessToken, audience);
    }

    [Theory]
    [InlineData("rubbish", "names no Endpoint")]
    [InlineData("AccessKey=" + Key, "names no Endpoint")]
    [InlineData("Endpoint=todo;AccessKey=" + Key, "has no http or https address as its Endpoint")]
    [InlineData("Endpoint=ftp://todo;AccessKey=" + Key, "has no http or https address as its Endpoint")]
    [InlineData("Endpoint=https://todo;AccessKey=" + Key + ";Port=0", "has no number as its Port")]
    [InlineData("Endpoint=https://todo;AuthType=azure.msi", "names no AccessKey")]
    [InlineData("Endpoint=https://todo;AccessKey=short", "has an AccessKey of less than 16 bytes")]
    public void A_connection_string_that_cannot_serve_is_refused_by_name_and_not_repeated(string connectionString, string reason)
    {
        var error = Assert.Throws<OptionsValidationException>(() => AzureSignalRConnection.Parse(connectionString));
        Assert.Contains($"AzureSignalRConnectionString {reason}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_standalone_host_sends_through_the_service_in_the_order_of_each_user()
    {
        var received = new Observed<(string Path, string Token, string Body)>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var service = builder.Build();
        service.MapPost("/api/v1/hubs/notifications/users/{user}", async (HttpRequest request, string user) =>
        {
            using var reader = new StreamReader(request.Body);
            received.Add((request.Path, request.Headers.Authorization.ToString()["Bearer ".Length..], await reader.ReadToEndAsync()));
            return user == "refused" ? Results.StatusCode(429) : Results.Accepted();
        });
        await service.StartAsync();
        using var sender = new AzureSignalRSender(Service($"Endpoint={service.Urls.First()};AccessKey={Key}"));
        using var payload = JsonDocument.Parse("""{"task_id":"x","version":2}""");

        await sender.Send(
            new SignalROutputAttribute(),
            [new("task_update", [payload.RootElement]) { UserId = "ada" }, new("reminder", [1]) { UserId = "ada" }],
            CancellationToken.None);

        var (path, token, body) = await received.Next();
        Assert.Equal("""{"target":"task_update","arguments":[{"task_id":"x","version":2}]}""", body);
        await Verify(token, $"http://127.0.0.1{path}");
        Assert.Equal("""{"target":"reminder","arguments":[1]}""", (await received.Next()).Body);

        await Assert.ThrowsAsync<HttpRequestException>(() => sender.Send(
            new SignalROutputAttribute(), [new("x") { UserId = "refused" }, new("x") { UserId = "ada" }], CancellationToken.None));
        Assert.Equal(["/api/v1/hubs/notifications/users/ada", "/api/v1/hubs/notifications/users/refused"], new[] { await received.Next(), await received.Next() }.Select(request => request.Path).Order());
        await Assert.ThrowsAsync<NotSupportedException>(() => sender.Send(new SignalROutputAttribute(), [new("everybody")], CancellationToken.None));
        await service.StopAsync();
    }

    private static AzureSignalR Service(string connectionString) =>
        new(AzureSignalRConnection.Parse(connectionString), Options.Create(new RealtimeSettings()), new FakeClock(Now));

    private static async Task<JsonWebToken> Verify(string token, string audience)
    {
        var result = await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidateIssuer = false,
            ValidAudience = audience,
            ValidateLifetime = false,
            IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Key)),
        });
        Assert.True(result.IsValid, result.Exception?.Message);
        return (JsonWebToken)result.SecurityToken;
    }
}
