using System.Text.RegularExpressions;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Contract.OpenApi;

public sealed partial class DocsTests(TestApp app) : IClassFixture<TestApp>
{
    [Theory]
    [InlineData("/api/docs")]
    [InlineData("/api/docs/")]
    public async Task The_page_and_everything_that_it_loads_is_there_without_signing_in(string address)
    {
        using var nobody = app.Anonymous();
        var page = (await nobody.Get(address)).Is(200);
        var links = Link().Matches(page.Body).Select(link => link.Groups[1].Value).ToList();

        Assert.Equal("text/html; charset=utf-8", page.Header("Content-Type"));
        Assert.Equal(4, links.Count);
        foreach (var link in links)
        {
            // Relative, so that the page also works behind a prefix.
            Assert.DoesNotMatch("^(/|[a-z]+:)", link);
            var file = (await nobody.Get(new Uri(new Uri(app.Address, address), link).PathAndQuery)).Is(200);
            Assert.StartsWith(Path.GetExtension(link) switch { ".js" => "text/javascript", ".css" => "text/css", _ => "image/png" }, file.Header("Content-Type"));
            Assert.Equal("nosniff", file.Header("X-Content-Type-Options"));
            Assert.NotEqual("", file.Body);
        }
    }

    [Fact]
    public async Task The_page_may_load_and_ask_nothing_of_another_host()
    {
        using var nobody = app.Anonymous();
        var page = (await nobody.Get("/api/docs")).Is(200);

        var policy = page.Header("Content-Security-Policy")!.Split(';', StringSplitOptions.TrimEntries);
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("script-src 'self'", policy);
        Assert.Contains("connect-src 'self'", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.All(policy, directive => Assert.DoesNotMatch("unsafe|http|\\*", directive));
        Assert.DoesNotContain("://", page.Body);
        Assert.DoesNotContain("://", (await nobody.Get("/api/docs/docs.js")).Is(200).Body);
    }

    [Theory]
    [InlineData("/api/docs/index.html")]
    [InlineData("/api/docs/SWAGGER-UI.CSS")]
    [InlineData("/api/docs/swagger-ui.css.map")]
    [InlineData("/api/docs/..%2Fdocs.js")]
    [InlineData("/api/docs/..%5Cdocs.js")]
    [InlineData("/api/docs/%2Fetc%2Fpasswd")]
    [InlineData("/api/docs/docs.js%00")]
    public async Task Nothing_else_is_below_the_page(string address)
    {
        using var nobody = app.Anonymous();

        var answer = await nobody.Get(address);

        Assert.True(answer.Status is 400 or 404, $"{address} answered {answer.Status}");
    }

    [Theory]
    [InlineData("/api/openapi.json")]
    [InlineData("/api/docs/swagger-ui-bundle.js")]
    public async Task A_client_that_has_a_file_gets_304_and_one_that_can_unpack_it_gets_it_packed(string address)
    {
        using var nobody = app.Anonymous();
        var plain = (await nobody.Get(address)).Is(200);
        var packed = (await nobody.Get(address, ("Accept-Encoding", "br, gzip"))).Is(200);
        var declined = (await nobody.Get(address, ("Accept-Encoding", "gzip;q=0"))).Is(200);

        Assert.Null(plain.Header("Content-Encoding"));
        Assert.Equal("gzip", packed.Header("Content-Encoding"));
        Assert.Null(declined.Header("Content-Encoding"));
        Assert.Equal(plain.Body, declined.Body);
        Assert.Equal("Accept-Encoding", packed.Header("Vary"));
        Assert.Equal("", (await nobody.Get(address, ("If-None-Match", plain.Header("ETag")!))).Is(304).Body);
        (await nobody.Get(address, ("If-None-Match", "\"another\""))).Is(200);
    }

    [Fact]
    public async Task The_document_is_served_as_it_is_committed()
    {
        using var nobody = app.Anonymous();

        var served = (await nobody.Get("/api/openapi.json")).Is(200);

        Assert.Equal("application/json; charset=utf-8", served.Header("Content-Type"));
        Assert.Equal(Repository.Read("docs/openapi.json"), served.Body);
    }

    [GeneratedRegex("(?:src|href)=\"([^\"]+)\"")]
    private static partial Regex Link();
}
