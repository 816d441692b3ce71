using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Host;

/// <summary>What is refused is refused with the same headers and as clearly as everything else.</summary>
public sealed class RefusalTests(TestApp app) : IClassFixture<TestApp>
{
    [Theory]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("PATCH", "/api/tasks", 405)]
    public async Task What_no_function_serves_has_the_headers_of_all_responses(string method, string path, int status)
    {
        using var client = app.Anonymous();
        var answer = (await client.Send(new HttpMethod(method), path, null, ("X-Correlation-Id", "mine"))).Is(status);

        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("no-cache, private", answer.Header("Cache-Control"));
        Assert.Equal("mine", answer.Header("X-Correlation-Id"));
    }

    [Theory]
    [InlineData("gzip", 415)]
    [InlineData("br", 415)]
    [InlineData("identity", 201)]
    public async Task A_compressed_body_is_not_taken_for_JSON(string encoding, int status)
    {
        using var alice = await app.SignUp();
        using var body = new StringContent("{\"title\": \"Buy milk\"}", new MediaTypeHeaderValue("application/json"));
        body.Headers.ContentEncoding.Add(encoding);

        var answer = (await alice.Send(HttpMethod.Post, "/api/tasks", body)).Is(status);
        if (status == 415)
        {
            answer.IsProblem(415, "unsupported_encoding");
        }
    }

    [Fact]
    public async Task A_token_with_a_critical_extension_is_refused()
    {
        using var alice = await app.SignUp();
        var parts = alice.Token!.Split('.');
        var header = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0]));
        using var same = new ApiClient(app.Address, Signed(header, parts[1]));
        using var critical = new ApiClient(app.Address, Signed($"{header[..^1]},\"crit\":[\"exp\"]}}", parts[1]));

        (await same.Get("/api/tasks")).Is(200);
        (await critical.Get("/api/tasks")).IsProblem(401, "token_invalid");
    }

    [Fact]
    public async Task A_registration_that_finds_its_address_taken_is_told_so()
    {
        using var anonymous = app.Anonymous();
        var body = new { email = $"{Guid.NewGuid():N}@example.com", password = "correct horse battery" };

        (await anonymous.Post("/api/auth/register", body)).Is(201);
        (await anonymous.Post("/api/auth/register", body)).IsProblem(409, "email_taken");
    }

    private static string Signed(string header, string payload)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{payload}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData("a signing key of the tests, 32 bytes and more"u8, Encoding.ASCII.GetBytes(signed)))}";
    }
}
