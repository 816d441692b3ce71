using System.Net.Http.Headers;
using System.Text;
using TodoFlow.Tests.Support;
using TodoFlow.Tests.Support.FunctionsHost;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>In the standalone host.</summary>
public sealed class RequestErrorTests(TestApp app) : RequestErrorTest(app), IClassFixture<TestApp>;

/// <summary>Under the double of the Functions host.</summary>
[Collection(FunctionsHostTests.Name)]
public sealed class FunctionsHostRequestErrorTests(FunctionsApp app) : RequestErrorTest(app);

/// <summary>What is wrong with a request ends as a 4xx problem that says what and where.</summary>
public abstract class RequestErrorTest(TestApp app)
{
    [Fact]
    public async Task Malformed_JSON_is_answered_with_its_line_and_position()
    {
        using var alice = await app.SignUp();

        var answer = (await alice.Post("/api/tasks", "{\n  \"title\": \"x\",\n  \"tags\": [,]\n}")).IsProblem(400, "malformed_json");

        Assert.Contains("line 3, position 12", answer.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_not_JSON_is_415()
    {
        using var alice = await app.SignUp();

        foreach (var type in new[] { "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "nonsense" })
        {
            using var body = new ByteArrayContent("{\"title\":\"x\"}"u8.ToArray());
            body.Headers.TryAddWithoutValidation("Content-Type", type);
            (await alice.Send(HttpMethod.Post, "/api/tasks", body)).IsProblem(415, "unsupported_media_type");
        }

        using var fine = new ByteArrayContent("\uFEFF{\"title\":\"x\"}"u8.ToArray());
        fine.Headers.ContentType = MediaTypeHeaderValue.Parse("application/merge-patch+json; charset=UTF-8");
        (await alice.Send(HttpMethod.Post, "/api/tasks", fine)).Is(201);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, 8)]
    [InlineData(false, 8)]
    [InlineData(true, 31)] // more than servers take unless they are told to
    [InlineData(false, 31)]
    public async Task A_body_over_a_mebibyte_is_413_and_the_answer_reaches_who_is_still_sending(bool chunked, int mebibytes)
    {
        using var alice = await app.SignUp();
        var bytes = Encoding.UTF8.GetBytes($"[\"{new string('d', mebibytes * 1024 * 1024)}\"]"); // no object: the Functions host sends its fields to the worker once more
        using HttpContent body = chunked ? new StreamContent(new MemoryStream(bytes)) : new ByteArrayContent(bytes);
        body.Headers.ContentType = new("application/json");

        var answer = await alice.Send(HttpMethod.Post, "/api/tasks", body, chunked ? [("Transfer-Encoding", "chunked")] : []);

        answer.IsProblem(413, "body_too_large");
    }

    [Fact]
    public async Task Invalid_UTF_8_is_400()
    {
        using var alice = await app.SignUp();
        using var body = new ByteArrayContent([.. "{\"title\":\""u8, 0xC3, 0x28, .. "\"}"u8]);
        body.Headers.ContentType = new("application/json");

        (await alice.Send(HttpMethod.Post, "/api/tasks", body)).IsProblem(400, "invalid_utf8");
    }

    [Theory]
    [InlineData("/api/tasks", """{"title": "x", "\ud800": 1}""")]
    [InlineData("/api/tasks", """{"\udc00\ud800": 1, "title": "x"}""")]
    [InlineData("/api/tasks/search", """{"filters": {"\ud800": 1}}""")]
    public async Task A_field_name_that_is_not_valid_Unicode_is_400(string path, string body)
    {
        using var alice = await app.SignUp();

        (await alice.Post(path, body)).IsProblem(400, "invalid_request");
    }

    [Theory]
    [InlineData("status=done", "status")]
    [InlineData("priority=5", "priority")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("offset=-1", "offset")]
    [InlineData("offset=10001", "offset")]
    [InlineData("sort_by=id", "sort_by")]
    [InlineData("order=up", "order")]
    [InlineData("overdue=yes", "overdue")]
    [InlineData("due_before=soon", "due_before")]
    [InlineData("due_after=2026-02-30", "due_after")]
    [InlineData("updated_after=2026-03-01", "updated_after")]
    [InlineData("tags=a%00b", "tags")]
    [InlineData("tags=" + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "tags")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("count=1", "count")]
    public async Task A_bad_query_parameter_is_named(string query, string parameter)
    {
        using var alice = await app.SignUp();

        Assert.Equal([parameter], (await alice.Get($"/api/tasks?{query}")).IsProblem(400, "invalid_request").BadFields);
    }

    [Theory]
    [InlineData("""{"query": 5}""", "query")]
    [InlineData("""{"query": "a\u0000b"}""", "query")]
    [InlineData("""{"filters": []}""", "filters")]
    [InlineData("""{"filters": {"tags": "x"}}""", "filters.tags")]
    [InlineData("""{"filters": {"due_before": 1}}""", "filters.due_before")]
    [InlineData("""{"limit": "5"}""", "limit")]
    [InlineData("""{"limit": 5.5}""", "limit")]
    public async Task A_bad_field_of_a_search_is_named(string body, string field)
    {
        using var alice = await app.SignUp();

        Assert.Equal([field], (await alice.Post("/api/tasks/search", body)).IsProblem(400, "invalid_request").BadFields);
    }

    [Fact]
    public async Task An_unknown_route_is_404_and_a_known_one_by_another_method_405()
    {
        using var alice = await app.SignUp();

        (await alice.Get("/api/nothing")).Is(404);
        (await alice.Get("/api/tasks/not-a-uuid")).Is(404);
        var wrong = (await alice.Send(HttpMethod.Patch, "/api/tasks", null)).Is(405);

        Assert.Equal("GET, HEAD, POST", string.Join(", ", wrong.Header("Allow")!.Split(", ").Order()));
        Assert.Equal("application/problem+json", wrong.Header("Content-Type"));
    }

    [Fact]
    public async Task A_correlation_id_that_is_no_safe_text_is_replaced()
    {
        using var alice = await app.SignUp();

        var kept = await alice.Get("/api/tasks", ("X-Correlation-Id", "abc-123"));
        var replaced = await alice.Get("/api/tasks", ("X-Correlation-Id", "<script>"));

        Assert.Equal("abc-123", kept.Header("X-Correlation-Id"));
        Assert.True(Guid.TryParse(replaced.Header("X-Correlation-Id"), out _));
    }
}
