using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>Due dates, recurrences and time zones as others write them.</summary>
public sealed class WrittenDatesTests(TestApp app) : IClassFixture<TestApp>
{
    [Theory]
    [InlineData("2026-03-01T09:30:00", "Europe/Berlin", "2026-03-01T09:30:00+01:00")]
    [InlineData("2026-07-01T09:30:00", "Europe/Berlin", "2026-07-01T09:30:00+02:00")]
    [InlineData("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T03:30:00+02:00")] // in the gap
    [InlineData("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T02:30:00+02:00")] // twice: the first
    [InlineData("2026-03-01T09:30:00.25", "Asia/Kolkata", "2026-03-01T09:30:00.25+05:30")]
    [InlineData("2026-03-01t09:30:00", "utc", "2026-03-01T09:30:00+00:00")]
    [InlineData("2026-03-01T09:30:00+01:00", "Asia/Tokyo", "2026-03-01T09:30:00+01:00")] // an instant stays as it was written
    public async Task A_local_time_is_one_in_the_time_zone_beside_it(string due, string zone, string stored)
    {
        using var alice = await app.SignUp("America/New_York");

        var created = (await alice.Post("/api/tasks", new { title = "a", due_date = due, time_zone = zone })).Is(201);
        Assert.Equal(stored, created.Text("due_date"));

        var other = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        Assert.Equal(stored, (await alice.Put($"/api/tasks/{other}", new { due_date = due, time_zone = zone })).Is(200).Text("due_date"));

        var preview = (await alice.Post("/api/recurrence/preview", new { recurrence = "FREQ=DAILY;COUNT=2", due_date = due, time_zone = zone })).Is(200);
        Assert.Single(preview["occurrences"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"title": "a", "due_date": "2026-03-01T09:30:00"}""", "due_date", "name its time_zone")]
    [InlineData("""{"title": "a", "due_date": "2026-03-01T09:30", "time_zone": "UTC"}""", "due_date", "must be an RFC 3339 instant")]
    [InlineData("""{"title": "a", "due_date": "2026-02-30T09:30:00", "time_zone": "UTC"}""", "due_date", "must be an RFC 3339 instant")]
    [InlineData("""{"title": "a", "due_date": "0001-01-01"}""", "due_date", "must lie between 0001-01-02 and 9999-12-30")]
    [InlineData("""{"title": "a", "due_date": "0000-12-31"}""", "due_date", "must lie between")]
    [InlineData("""{"title": "a", "due_date": "9999-12-31"}""", "due_date", "must lie between")]
    [InlineData("""{"title": "a", "due_date": "9999-12-31T23:59:59Z"}""", "due_date", "must lie between")]
    [InlineData("""{"title": "a", "due_date": "0001-01-01T00:00:00+14:00"}""", "due_date", "must lie between")]
    [InlineData("""{"title": "a", "due_date": "9999-12-31T10:00:00", "time_zone": "UTC"}""", "due_date", "must lie between")]
    [InlineData("""{"title": "a", "due_date": "9999-13-01"}""", "due_date", "must be an RFC 3339 instant")]
    [InlineData("""{"title": "a", "due_date": "2026-03-02", "recurrence": "DTSTART:20260302T080000Z\nRRULE:FREQ=DAILY"}""", "recurrence", "DTSTART: must be a date")]
    [InlineData("""{"title": "a", "due_date": "2026-03-02T08:00:00Z", "recurrence": "DTSTART;VALUE=DATE:20260302\nRRULE:FREQ=DAILY"}""", "recurrence", "DTSTART: must be a time")]
    [InlineData("""{"title": "a", "due_date": "2026-03-02T08:00:00Z", "time_zone": "UTC", "recurrence": "DTSTART;TZID=Europe/Berlin:20260302T090000\nRRULE:FREQ=DAILY"}""", "recurrence", "DTSTART;TZID=Europe/Berlin: is not in the time_zone UTC")]
    [InlineData("""{"title": "a", "due_date": "2026-03-02", "recurrence": "RRULE:FREQ=DAILY\nRDATE:20260304"}""", "recurrence", "RDATE cannot be kept")]
    [InlineData("""{"title": "a", "recurrence": "RRULE:FREQ=DAILY"}""", "due_date", "is required")]
    public async Task What_cannot_be_stored_is_refused_with_the_reason(string body, string field, string reason)
    {
        using var alice = await app.SignUp();
        var problem = (await alice.Post("/api/tasks", body)).Is(400);
        Assert.Equal([field], problem.BadFields);
        Assert.Contains(reason, problem.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0001-01-02", "Pacific/Kiritimati")]
    [InlineData("0001-01-02", "America/Sitka")]
    [InlineData("9999-12-30", "Etc/GMT+12")]
    [InlineData("9999-12-30T23:59:59Z", "Pacific/Kiritimati")]
    [InlineData("0001-06-15T12:00:00Z", "UTC")]
    public async Task The_first_and_last_years_are_stored_with_what_belongs_to_them(string due, string zone)
    {
        using var alice = await app.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "a", due_date = due, time_zone = zone, recurrence = "daily", reminder_offset = "1 day" })).Is(201);

        Assert.Equal(due, (await alice.Get($"/api/tasks/{task.Id}")).Is(200).Text("due_date"));
        Assert.Single((await alice.Get("/api/tasks?sort_by=due_date")).Is(200).Json.AsArray());
        (await alice.Post("/api/recurrence/preview", new { recurrence = "FREQ=HOURLY", due_date = due, time_zone = zone })).Is(200);
        var skipped = await alice.Post($"/api/tasks/{task.Id}/skip");
        Assert.True(skipped.Status is 200 or 409, skipped.Body);
        (await alice.Post($"/api/tasks/{task.Id}/complete")).Is(200);
    }

    [Theory]
    [InlineData("europe/berlin", "Europe/Berlin")]
    [InlineData("EUROPE/BERLIN", "Europe/Berlin")]
    [InlineData("america/ARGENTINA/buenos_aires", "America/Argentina/Buenos_Aires")]
    [InlineData("utc", "UTC")]
    [InlineData("etc/gmt+5", "Etc/GMT+5")]
    [InlineData("asia/calcutta", "Asia/Calcutta")] // a link is a name of its own
    [InlineData("nz-chat", "NZ-CHAT")]
    public async Task A_zone_is_stored_in_its_canonical_case(string sent, string stored)
    {
        using var alice = await app.SignUp(sent);
        Assert.Equal(stored, (await alice.Get("/api/me")).Is(200).Text("time_zone"));
        Assert.Equal(stored, (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Text("time_zone"));
        var task = (await alice.Post("/api/tasks", new { title = "a", due_date = "2026-03-02", time_zone = sent })).Is(201);
        Assert.Equal(stored, task.Text("time_zone"));
        Assert.Equal(stored, (await alice.Put($"/api/tasks/{task.Id}", new { time_zone = sent })).Is(200).Text("time_zone"));
        Assert.Equal("\"1\"", (await alice.Get($"/api/tasks/{task.Id}")).Header("ETag"));
        Assert.Equal(stored, (await alice.Put("/api/notifications/preferences", new { time_zone = sent })).Is(200).Text("time_zone"));
    }

    [Theory]
    [InlineData("posixrules")]
    [InlineData("Posixrules")]
    [InlineData("Factory")]
    [InlineData("right/Europe/Berlin")]
    [InlineData("posix/Europe/Berlin")]
    [InlineData("RIGHT/UTC")]
    [InlineData("localtime")]
    [InlineData("leapseconds")]
    [InlineData("Europe")]
    [InlineData("Etc/Unknown")]
    public async Task What_lies_beside_the_zones_is_refused(string zone)
    {
        using var alice = await app.SignUp();
        Assert.Equal(["time_zone"], (await alice.Post("/api/tasks", new { title = "a", time_zone = zone })).Is(400).BadFields);
        Assert.Equal(["time_zone"], (await alice.Post("/api/recurrence/preview", new { recurrence = "daily", due_date = "2026-03-02", time_zone = zone })).Is(400).BadFields);
        Assert.Equal(["time_zone"], (await alice.Put("/api/notifications/preferences", new { time_zone = zone })).Is(400).BadFields);
    }

    [Fact]
    public async Task A_series_that_a_calendar_exported_begins_where_it_says()
    {
        using var alice = await app.SignUp();
        var recurrence = "DTSTART;TZID=Europe/Berlin:20990105T090000\r\nRRULE:FREQ=WEEKLY;INTERVAL=2;\r\nEXDATE;TZID=Europe/Berlin:20990119T090000\r\n";
        var task = (await alice.Post("/api/tasks", new { title = "a", recurrence })).Is(201);

        Assert.Equal(
            ("2099-01-05T09:00:00+01:00", "Europe/Berlin", "RRULE:FREQ=WEEKLY;INTERVAL=2\nEXDATE:20990119T080000Z"),
            (task.Text("due_date"), task.Text("time_zone"), task.Text("recurrence")));
        Assert.Equal("2099-02-02T09:00:00+01:00", (await alice.Post($"/api/tasks/{task.Id}/skip")).Is(200).Text("due_date"));
        var preview = (await alice.Post("/api/recurrence/preview", new { recurrence, due_date = "2099-01-05T09:00:00+01:00", count = 2 })).Is(200);
        Assert.Equal(
            ["2099-02-02T09:00:00+01:00", "2099-02-16T09:00:00+01:00"],
            preview["occurrences"]!.AsArray().Select(occurrence => occurrence!["due_date"]!.GetValue<string>()));

        // DTSTART, not the due date, says which weeks are meant.
        var later = (await alice.Post("/api/tasks", new { title = "a", recurrence, due_date = "2099-01-26T09:00:00+01:00" })).Is(201).Id;
        Assert.Equal("2099-02-02T09:00:00+01:00", (await alice.Post($"/api/tasks/{later}/skip")).Is(200).Text("due_date"));
    }
}
