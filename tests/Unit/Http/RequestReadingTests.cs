using System.Text;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Reminders;
using TodoFlow.Functions.Tasks;
using Xunit;

namespace TodoFlow.Tests.Unit.Http;

/// <summary>How a body or a query string becomes a request type, and what is said of one that does not fit.</summary>
public sealed class RequestReadingTests
{
    [Fact]
    public async Task An_absent_field_is_not_set_and_one_that_is_null_is()
    {
        var request = await Read<UpdateTaskRequest>("""{"title": "Buy milk", "description": null, "unknown": {"ignored": true}}""");

        Assert.Equal((true, "Buy milk"), (request.Title.IsSet, request.Title.Value));
        Assert.Equal((true, null), (request.Description.IsSet, request.Description.Value));
        Assert.False(request.DueDate.IsSet);
        Assert.Null(request.Version);
    }

    [Fact]
    public async Task Of_a_field_that_comes_twice_the_last_counts()
    {
        var request = await Read<CreateTaskRequest>("""{"title": 5, "tags": 7, "title": "Buy milk", "tags": ["home"]}""");

        Assert.Equal("Buy milk", request.Title);
        Assert.Equal(["home"], request.Tags!);
    }

    [Fact]
    public async Task Every_field_that_is_wrong_is_named_once_with_what_is_expected()
    {
        var errors = await Errors<UpdateTaskRequest>("""
            {"title": " ", "description": 5, "status": "Completed", "priority": "low,high", "tags": [null], "due_date": "tomorrow",
             "time_zone": null, "recurrence": "sometimes", "recurrence_basis": 0, "reminder_offset": "a\u0000b", "version": 0}
            """);

        Assert.Equal(
        [
            ("title", "must have 1 to 500 characters, not 0"),
            ("description", "must be a string"),
            ("status", "must be one of pending, completed"),
            ("priority", "must be one of low, medium, high"),
            ("tags", "must be an array of strings"),
            ("due_date", $"must be {WrittenDueDate.Expected}"),
            ("time_zone", "must not be null"),
            ("recurrence_basis", "must be one of due, completion"),
            ("reminder_offset", "must not contain the character NUL"),
            ("version", "must be at least 1"),
        ],
        errors.Where(error => error.Field != "recurrence").Select(error => (error.Field, error.Message)));
        Assert.StartsWith("must be a rule: ", Assert.Single(errors, error => error.Field == "recurrence").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_across_fields_are_looked_at_when_each_field_is_right()
    {
        Assert.Equal(["minutes", "until"], (await Errors<SnoozeReminderRequest>("{}")).Select(error => error.Field));
        Assert.Equal(["minutes"], (await Errors<SnoozeReminderRequest>("""{"minutes": 0}""")).Select(error => error.Field));
    }

    [Theory]
    [InlineData("""{"filters": 5}""", "filters", "must be a JSON object")]
    [InlineData("""{"filters": {"tags": ["x", ""]}}""", "filters.tags", "must have entries of 1 to 50 characters; entry 1 has not")]
    [InlineData("""{"filters": {"\ud800": 1}}""", "filters", "must have field names that are valid Unicode")]
    [InlineData("""{"limit": 201}""", "limit", "must be between 1 and 200")]
    [InlineData("""{"query": "\ud83d"}""", "query", "must be a string")]
    [InlineData("[]", "body", "must be a JSON object")]
    public async Task A_field_is_named_by_its_path(string body, string field, string message)
    {
        var error = Assert.Single(await Errors<SearchTasksRequest>(body));

        Assert.Equal((field, message), (error.Field, error.Message));
    }

    [Fact]
    public void A_query_string_is_read_as_a_body_is()
    {
        var query = Query("?status=pending&limit=5&limit=10&tags=a,%20b&tags=c&count=true").ReadQuery<ListTasksQuery>();

        Assert.Equal((10, true), (query.Limit, query.Count));
        Assert.Equal([TaskItemStatus.Pending], query.Status!);
        Assert.Equal(["a", "b", "c"], query.Tags!);
        var problem = Assert.Throws<ProblemException>(() => Query("?status=Pending&limit=ten&count=1&offset=5&cursor=x").ReadQuery<ListTasksQuery>()).Problem;
        Assert.Equal(["count", "limit", "status"], problem.Errors!.Select(error => error.Field).Order());
    }

    private static async Task<IReadOnlyList<FieldError>> Errors<T>(string body)
        where T : class =>
        (await Assert.ThrowsAsync<ProblemException>(() => Read<T>(body))).Problem.Errors!;

    private static Task<T> Read<T>(string body)
        where T : class
    {
        var request = new DefaultHttpContext().Request;
        request.ContentType = "application/json";
        request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        return request.ReadValid<T>(CancellationToken.None);
    }

    private static HttpRequest Query(string query)
    {
        var request = new DefaultHttpContext().Request;
        request.QueryString = new QueryString(query);
        return request;
    }
}
