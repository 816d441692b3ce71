using System.IO.Compression;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Web;

/// <summary>The web app is served by the functions, whoever asks, and nothing beside it is.</summary>
public sealed class WebPageTests(WebPageTests.App app, WebPageTests.ElsewhereApp elsewhere, TestApp none)
    : IClassFixture<WebPageTests.App>, IClassFixture<WebPageTests.ElsewhereApp>, IClassFixture<TestApp>
{
    private static readonly (string, string) Browser = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");

    [Theory]
    [InlineData("/")]
    [InlineData("/today")]
    [InlineData("/upcoming/")]
    [InlineData("/tags/home?x=1")]
    [InlineData("/tasks/0190a4a0-0000-7000-8000-000000000001")]
    [InlineData("/apiary")]
    public async Task A_browser_gets_the_page_wherever_it_goes_in_the_app(string address)
    {
        using var nobody = app.Anonymous();

        var page = (await nobody.Get(address, Browser)).Is(200);

        Assert.Equal(SamplePage.Index, page.Body);
        Assert.Equal("text/html; charset=utf-8", page.Header("Content-Type"));
        Assert.Equal("no-cache", page.Header("Cache-Control"));
        Assert.Equal("", (await nobody.Get(address, Browser, ("If-None-Match", page.Header("ETag")!))).Is(304).Body);
        var head = (await nobody.Send(HttpMethod.Head, address, null, Browser)).Is(200);
        Assert.Equal(("", page.Header("ETag"), $"{SamplePage.Index.Length}"), (head.Body, head.Header("ETag"), head.Header("Content-Length")));
    }

    [Theory]
    [InlineData("/api", 404)]
    [InlineData("/api/nothing", 404)]
    [InlineData("/API/nothing", 404)]
    [InlineData("/api/auth/login", 405)]
    [InlineData("/health/nothing", 404)]
    [InlineData("/hubs/nothing", 404)]
    [InlineData("/assets/gone-9f8e7d6c.js", 404)]
    [InlineData("/assets", 404)]
    public async Task What_is_none_of_the_apps_stays_a_problem_for_a_browser(string address, int status)
    {
        using var nobody = app.Anonymous();

        var answer = (await nobody.Get(address, Browser)).IsProblem(status, status == 404 ? "route_not_found" : "method_not_allowed");

        Assert.DoesNotContain("immutable", answer.Header("Cache-Control"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_gets_a_problem_where_a_browser_gets_the_page()
    {
        using var nobody = app.Anonymous();

        (await nobody.Get("/today")).IsProblem(404, "route_not_found");
        (await nobody.Get("/today", ("Accept", "*/*"))).IsProblem(404, "route_not_found");
        (await nobody.Get("/today", ("Accept", "application/json, text/html;q=0"))).IsProblem(404, "route_not_found");
        (await nobody.Post("/today", null, Browser)).IsProblem(404, "route_not_found");
        (await nobody.Send(HttpMethod.Delete, "/index.html", null)).IsProblem(404, "route_not_found");
    }

    [Theory]
    [InlineData("/index.html", "text/html; charset=utf-8", "no-cache")]
    [InlineData("/sw.js", "text/javascript; charset=utf-8", "no-cache")]
    [InlineData("/manifest.webmanifest", "application/manifest+json", "no-cache")]
    [InlineData("/icon.svg", "image/svg+xml", "no-cache")]
    [InlineData("/assets/app-1a2b3c4d.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable")]
    public async Task A_file_comes_with_its_type_and_is_kept_as_long_as_it_is_the_same(string address, string contentType, string cached)
    {
        using var nobody = app.Anonymous();

        var file = (await nobody.Get(address)).Is(200);

        Assert.Equal((contentType, cached, "nosniff"), (file.Header("Content-Type"), file.Header("Cache-Control"), file.Header("X-Content-Type-Options")));
        Assert.Equal(cached, (await nobody.Get(address, ("If-None-Match", file.Header("ETag")!))).Is(304).Header("Cache-Control"));
        (await nobody.Get(address, ("If-None-Match", "\"another\""))).Is(200);
    }

    [Theory]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("identity", null)]
    [InlineData("gzip;q=0", null)]
    public async Task A_packed_file_is_sent_where_the_client_unpacks_it(string accepted, string? sent)
    {
        using var http = new HttpClient { BaseAddress = app.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/app-1a2b3c4d.js") { Headers = { { "Accept-Encoding", accepted } } };
        using var response = await http.SendAsync(request);

        Assert.Equal(sent, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("Accept-Encoding", response.Headers.Vary.Single());
        Assert.Equal("text/javascript; charset=utf-8", $"{response.Content.Headers.ContentType}");
        await using var body = await response.Content.ReadAsStreamAsync();
        await using var unpacked = sent switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var text = new StreamReader(unpacked);
        Assert.Equal(SamplePage.Script, await text.ReadToEndAsync());
    }

    [Fact]
    public async Task Each_coding_of_a_file_has_an_entity_tag_of_its_own()
    {
        using var nobody = app.Anonymous();
        string?[] tags = [.. await Task.WhenAll(new[] { "br", "gzip", "identity" }.Select(async coding => (await nobody.Get("/assets/app-1a2b3c4d.js", ("Accept-Encoding", coding))).Is(200).Header("ETag")))];

        Assert.Equal(3, tags.Distinct().Count());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/sw.js")]
    [InlineData("/assets/app-1a2b3c4d.js")]
    public async Task The_page_and_its_worker_may_load_and_ask_nothing_of_another_origin_and_run_no_inline_code(string address)
    {
        using var nobody = app.Anonymous();
        var file = (await nobody.Get(address)).Is(200);

        var policy = file.Header("Content-Security-Policy")!.Split("; ");
        Assert.Equal(
            [
                "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "manifest-src 'self'",
                "worker-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
            ],
            policy);
        Assert.Equal("same-origin", file.Header("Cross-Origin-Opener-Policy"));
        Assert.Equal("same-origin", file.Header("Referrer-Policy"));
        Assert.Contains("camera=()", file.Header("Permissions-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_devices_connect_elsewhere_the_page_may_ask_there_and_nowhere_else()
    {
        using var nobody = elsewhere.Anonymous();
        var policy = (await nobody.Get("/")).Is(200).Header("Content-Security-Policy")!;

        Assert.Contains("; connect-src 'self' https://devices.example.com:8443 wss://devices.example.com:8443; ", policy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/.hidden.html")]
    [InlineData("/..%2fTodoFlow.Host.dll")]
    [InlineData("/assets/..%2f..%2fhost.json")]
    [InlineData("/assets/%2e%2e/%2e%2e/host.json")]
    [InlineData("/assets/..%5c..%5chost.json")]
    [InlineData("/%2fetc%2fpasswd")]
    [InlineData("/index.html%00")]
    [InlineData("/assets/app-1a2b3c4d.js.br")]
    [InlineData("/assets/app-1a2b3c4d.js.gz")]
    [InlineData("/assets/")]
    [InlineData("/INDEX.HTML")]
    public async Task Nothing_but_the_apps_files_is_served(string address)
    {
        using var nobody = app.Anonymous();

        var answer = await nobody.Get(address);

        Assert.True(answer.Status is 400 or 404, $"{address} answered {answer.Status}: {answer.Body}");
    }

    [Fact]
    public async Task Without_a_page_there_is_nothing()
    {
        using var nobody = none.Anonymous();

        (await nobody.Get("/", Browser)).IsProblem(404, "route_not_found");
        (await nobody.Get("/index.html", Browser)).IsProblem(404, "route_not_found");
        (await nobody.Get("/today", Browser)).IsProblem(404, "route_not_found");
    }

    [Fact]
    public void A_folder_that_is_not_there_stops_the_start()
    {
        var settings = new Functions.Web.WebSettings { Root = "/nowhere/at all" };

        Assert.Equal(["Web:Root names the folder '/nowhere/at all', which is not there."], settings.Check());
    }

    public class App : TestApp
    {
        protected override void Configure(HostApplicationOptions options) => options.Settings["Web:Root"] = SamplePage.Root;
    }

    public sealed class ElsewhereApp : App
    {
        protected override void Configure(HostApplicationOptions options)
        {
            base.Configure(options);
            options.Settings["Realtime:PublicUrl"] = "https://devices.example.com:8443/";
        }
    }
}
