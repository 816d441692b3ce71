using System.Text.Json.Nodes;
using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Recurrence;

public sealed class PreviewRecurrenceTests(UndeliveredApp app) : IClassFixture<UndeliveredApp>
{
    [Theory]
    [InlineData("""{"recurrence": "monthly", "due_date": "2026-01-31", "count": 3}""",
        """{"occurrences":[{"due_date":"2026-02-28","note":"clamped"},{"due_date":"2026-03-31"},{"due_date":"2026-04-30","note":"clamped"}],"ended":false}""")]
    [InlineData("""{"recurrence": "daily", "due_date": "2026-03-07T02:30:00-05:00", "time_zone": "America/New_York", "count": 2}""",
        """{"occurrences":[{"due_date":"2026-03-08T03:30:00-04:00","note":"dst_gap"},{"due_date":"2026-03-09T02:30:00-04:00"}],"ended":false}""")]
    [InlineData("""{"recurrence": "FREQ=DAILY;COUNT=3", "due_date": "2026-01-01"}""",
        """{"occurrences":[{"due_date":"2026-01-02"},{"due_date":"2026-01-03"}],"ended":true}""")]
    [InlineData("""{"recurrence": "weekly", "anchor_date": "2026-03-02", "due_date": "2026-03-04", "completed_at": "2026-03-10T12:00:00Z", "count": 1}""",
        """{"occurrences":[{"due_date":"2026-03-16"}],"ended":false}""")]
    [InlineData("""{"recurrence": "daily", "recurrence_basis": "completion", "due_date": "2026-03-02", "completed_at": "2026-03-10T12:00:00Z", "count": 1}""",
        """{"occurrences":[{"due_date":"2026-03-11"}],"ended":false}""")]
    [InlineData("""{"recurrence": "none", "due_date": "2026-03-02"}""", """{"occurrences":[],"ended":true}""")]
    [InlineData("""{"recurrence": "FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2", "due_date": "2026-03-02"}""", """{"occurrences":[],"ended":true}""")]
    public async Task A_rule_is_laid_out(string body, string expected)
    {
        using var alice = await app.SignUp();
        Assert.Equal(expected, (await alice.Post("/api/recurrence/preview", body)).Is(200).Body);
    }

    [Fact]
    public async Task Without_a_zone_that_of_the_user_counts()
    {
        using var alice = await app.SignUp("Asia/Tokyo");
        var answer = (await alice.Post("/api/recurrence/preview", new { recurrence = "daily", due_date = "2026-03-01T00:00:00Z", count = 1 })).Is(200);
        Assert.Equal("2026-03-02T09:00:00+09:00", answer["occurrences"]![0]!["due_date"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"due_date": "2026-01-01"}""", "recurrence", "")]
    [InlineData("""{"recurrence": "daily"}""", "due_date", "")]
    [InlineData("""{"recurrence": "FREQ=DAILY;BYMONTHDAY=32", "due_date": "2026-01-01"}""", "recurrence", "BYMONTHDAY=32")]
    [InlineData("""{"recurrence": "daily", "due_date": "tomorrow"}""", "due_date", "")]
    [InlineData("""{"recurrence": "daily", "due_date": "2026-01-01", "anchor_date": "x"}""", "anchor_date", "")]
    [InlineData("""{"recurrence": "daily", "due_date": "2026-01-01", "time_zone": "Mars/Base"}""", "time_zone", "")]
    [InlineData("""{"recurrence": "daily", "due_date": "2026-01-01", "count": 101}""", "count", "")]
    [InlineData("""{"recurrence": "daily", "due_date": "2026-01-01", "recurrence_basis": "x"}""", "recurrence_basis", "")]
    public async Task What_is_wrong_is_named(string body, string field, string part)
    {
        using var alice = await app.SignUp();
        var problem = (await alice.Post("/api/recurrence/preview", body)).Is(400);
        Assert.Equal([field], problem.BadFields);
        Assert.Contains(part, problem.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tasks_refuse_a_rule_that_is_none()
    {
        using var alice = await app.SignUp();
        var body = new { title = "a", due_date = "2026-01-01", recurrence = "FREQ=HOURLY;INTERVAL=0" };
        var problem = (await alice.Post("/api/tasks", body)).Is(400);
        Assert.Equal(["recurrence"], problem.BadFields);
        Assert.Contains("INTERVAL=0", problem.Body, StringComparison.Ordinal);

        var id = (await alice.Post("/api/tasks", body with { recurrence = "daily" })).Is(201).Id;
        Assert.Equal(["recurrence"], (await alice.Put($"/api/tasks/{id}", new { recurrence = "every day" })).Is(400).BadFields);
        Assert.Equal("none", (await alice.Put($"/api/tasks/{id}", new { recurrence = "NONE" })).Is(200).Text("recurrence"));
    }

    [Fact]
    public async Task Nobody_previews_without_a_token()
    {
        using var nobody = app.Anonymous();
        (await nobody.Post("/api/recurrence/preview", new { recurrence = "daily", due_date = "2026-01-01" })).Is(401);
    }

    [Fact]
    public async Task A_preview_is_what_completing_step_by_step_makes()
    {
        using var alice = await app.SignUp();
        var task = new { title = "a", recurrence = "FREQ=WEEKLY;BYDAY=MO,TH", due_date = "2099-03-02" };
        var preview = (await alice.Post("/api/recurrence/preview", new { task.recurrence, task.due_date, count = 6 })).Is(200);
        var id = (await alice.Post("/api/tasks", task)).Is(201).Id;
        var made = new JsonArray();
        for (var i = 0; i < 6; i++)
        {
            await alice.Post($"/api/tasks/{id}/complete");
            await app.Deliver<NextOccurrence>();
            var head = Assert.Single((await alice.Get("/api/tasks?status=pending")).Json.AsArray())!;
            id = Guid.Parse(head["id"]!.GetValue<string>());
            made.Add(new JsonObject { ["due_date"] = head["due_date"]!.GetValue<string>() });
        }

        Assert.Equal(preview["occurrences"]!.ToJsonString(), made.ToJsonString());
    }
}
