using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Transfer;

/// <summary>The feed for calendar programs, and its token that opens nothing else.</summary>
public sealed class CalendarFeedTests(CalendarFeedTests.App app) : IClassFixture<CalendarFeedTests.App>
{
    [Fact]
    public async Task Tasks_with_a_due_date_are_events()
    {
        using var alice = await app.SignUp("Europe/Berlin");
        (await alice.Post("/api/tasks", new { title = "Pay; rent, now\\soon", description = "First line\nsecond — ½", tags = new[] { "home" }, priority = "high", due_date = "2026-03-01T09:30:00+01:00" })).Is(201);
        (await alice.Post("/api/tasks", new { title = "Whole day", due_date = "2026-04-05" })).Is(201);
        (await alice.Post("/api/tasks", new { title = "Some day" })).Is(201);
        var done = (await alice.Post("/api/tasks", new { title = "Done", due_date = "2026-04-05" })).Is(201).Id;
        (await alice.Post($"/api/tasks/{done}/complete")).Is(200);
        var feed = await Feed(alice);

        var answer = (await app.Anonymous().Get(feed)).Is(200);

        Assert.Equal("text/calendar; charset=utf-8", answer.Header("Content-Type"));
        Assert.Equal("no-cache, private", answer.Header("Cache-Control")); // as HttpClient writes it
        Assert.All(answer.Body.Split("\r\n"), line => Assert.True(line.Length <= 75));
        Assert.Contains("SUMMARY:Pay\\; rent\\, now\\\\soon\r\n", answer.Body, StringComparison.Ordinal);
        var events = Events(answer);
        Assert.Equal(["Pay; rent, now\\soon", "Whole day"], events.Select(shown => shown.Summary));
        Assert.Equal(new DateTime(2026, 3, 1, 8, 30, 0), events[0].Start!.AsUtc);
        Assert.Equal("First line\nsecond — ½", events[0].Description);
        Assert.Equal((false, new DateOnly(2026, 4, 5)), (events[1].Start!.HasTime, events[1].Start!.Date));
    }

    [Theory]
    [InlineData("daily", "2026-03-28T02:30:00+01:00", 6)]
    [InlineData("weekdays", "2026-01-05", 12)]
    [InlineData("weekly", "2026-01-05T09:00:00+01:00", 30)]
    [InlineData("monthly", "2026-01-31", 14)]
    [InlineData("monthly", "2026-01-30T12:00:00+01:00", 14)]
    [InlineData("yearly", "2028-02-29", 6)]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "2026-01-05", 10)]
    [InlineData("FREQ=DAILY;COUNT=5", "2026-01-05T18:00:00+01:00", 4)]
    [InlineData("FREQ=WEEKLY;UNTIL=20260301", "2026-01-05", 7)]
    [InlineData("FREQ=DAILY;UNTIL=20260108", "2026-01-05T18:00:00+01:00", 3)]
    [InlineData("FREQ=DAILY;UNTIL=20260108T180000", "2026-01-05T18:00:00+01:00", 3)]
    [InlineData("FREQ=DAILY;UNTIL=20260107T230000Z", "2026-01-05", 3)]
    [InlineData("FREQ=DAILY\nEXDATE;VALUE=DATE:20260107,20260109", "2026-01-05T18:00:00+01:00", 6)]
    public async Task A_recurring_task_is_where_completing_it_step_by_step_puts_it(string recurrence, string due, int count)
    {
        using var alice = await app.SignUp("Europe/Berlin");
        (await alice.Post("/api/tasks", new { title = "Again", recurrence, due_date = due })).Is(201);
        var preview = (await alice.Post("/api/recurrence/preview", new { recurrence, due_date = due, time_zone = "Europe/Berlin", count })).Is(200);
        var expected = preview["occurrences"]!.AsArray().Select(one => DateTimeOffset.Parse((string)one!["due_date"]!)).Prepend(DateTimeOffset.Parse(due))
            .Select(instant => due.Length > 10 ? instant.UtcDateTime : instant.Date).ToList();

        var shown = Assert.Single(Events((await app.Anonymous().Get(await Feed(alice))).Is(200)));
        var occurrences = shown.GetOccurrences(new CalDateTime(2025, 1, 1)).Take(expected.Count + 1).Select(one => due.Length > 10 ? one.Period.StartTime.AsUtc : one.Period.StartTime.Value).ToList();

        Assert.Equal(expected, occurrences.Take(expected.Count));
        Assert.Equal((bool)preview["ended"]! || recurrence.Contains("COUNT", StringComparison.Ordinal) || recurrence.Contains("UNTIL", StringComparison.Ordinal), occurrences.Count == expected.Count);
    }

    [Fact]
    public async Task An_occurrence_that_was_moved_leaves_the_rhythm_alone()
    {
        using var alice = await app.SignUp("Europe/Berlin");
        var id = (await alice.Post("/api/tasks", new { title = "Again", recurrence = "weekly", due_date = "2026-01-05" })).Is(201).Id;
        (await alice.Put($"/api/tasks/{id}", new { due_date = "2026-01-07" })).Is(200);

        var calendar = Calendar.Load((await app.Anonymous().Get(await Feed(alice))).Is(200).Body)!;
        var days = calendar.GetOccurrences(new CalDateTime(2026, 1, 1)).Take(3).Select(one => one.Period.StartTime.Day);

        Assert.Equal([7, 12, 19], days);
    }

    [Fact]
    public async Task A_task_that_counts_from_its_completion_is_shown_once()
    {
        using var alice = await app.SignUp();
        (await alice.Post("/api/tasks", new { title = "Again", recurrence = "weekly", recurrence_basis = "completion", due_date = "2026-01-05" })).Is(201);
        (await alice.Post("/api/tasks", new { title = "Often", recurrence = "FREQ=HOURLY", due_date = "2026-01-05T10:00:00Z" })).Is(201);

        Assert.All(Events((await app.Anonymous().Get(await Feed(alice))).Is(200)), shown => Assert.Null(shown.RecurrenceRule));
    }

    [Fact]
    public async Task A_feed_that_has_not_changed_is_not_sent_again()
    {
        using var alice = await app.SignUp();
        var feed = await Feed(alice);
        using var program = app.Anonymous();
        var tag = (await program.Get(feed)).Is(200).Header("ETag")!;

        Assert.Equal(tag, (await program.Get(feed, ("If-None-Match", tag))).Is(304).Header("ETag"));
        (await alice.Post("/api/tasks", new { title = "New", due_date = "2026-04-05" })).Is(201);
        Assert.NotEqual(tag, (await program.Get(feed, ("If-None-Match", tag))).Is(200).Header("ETag"));
    }

    [Fact]
    public async Task The_token_of_a_feed_opens_nothing_else()
    {
        using var alice = await app.SignUp();
        var made = (await alice.Post("/api/calendar-token")).Is(201);
        Assert.Equal("no-store", made.Header("Cache-Control"));
        Assert.Matches("^todoflow_pat_[0-9A-Za-z]{40}$", made.Text("token"));
        using var thief = new ApiClient(app.Address, made.Text("token"));

        foreach (var path in new[] { "/api/tasks", "/api/me", "/api/export", "/api/trash", "/api/notifications", "/api/tokens" })
        {
            (await thief.Get(path)).IsProblem(403, "insufficient_scope");
        }

        (await thief.Post("/api/calendar-token")).IsProblem(403, "insufficient_scope");
        (await thief.Post("/api/notifications/negotiate")).IsProblem(403, "insufficient_scope");
        (await thief.Get("/api/calendar.ics")).IsProblem(401, "unauthenticated"); // not in the header
        Assert.Equal(0, await app.Database.Scalar<long>($"select count(*) from personal_access_token token where token::text like '%{made.Text("token")[13..]}%'"));
    }

    [Fact]
    public async Task No_other_token_opens_a_feed()
    {
        using var alice = await app.SignUp();
        (await alice.Post("/api/calendar-token")).Is(201);
        var personal = (await alice.Post("/api/tokens", new { name = "a", scopes = new[] { "tasks:read", "account" } })).Is(201).Text("token");
        using var program = app.Anonymous();

        (await program.Get($"/api/calendar.ics?token={personal}")).IsProblem(403, "insufficient_scope");
        (await program.Get($"/api/calendar.ics?token={alice.Token}")).IsProblem(403, "insufficient_scope");
        (await program.Get("/api/calendar.ics?token=todoflow_pat_0123456789012345678901234567890123456789")).IsProblem(401, "token_invalid");
        (await program.Get("/api/calendar.ics?token=")).IsProblem(401, "unauthenticated");
        (await alice.Get("/api/calendar.ics")).IsProblem(401, "unauthenticated");
        Assert.Equal(["scopes"], (await alice.Post("/api/tokens", new { name = "a", scopes = new[] { "calendar" } })).Is(400).BadFields);
    }

    [Fact]
    public async Task A_feed_shows_its_users_tasks_alone()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();
        (await alice.Post("/api/tasks", new { title = "Alice's", due_date = "2026-04-05" })).Is(201);

        Assert.DoesNotContain("Alice's", (await app.Anonymous().Get(await Feed(bob))).Is(200).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_address_takes_the_place_of_the_old_one_until_it_is_revoked()
    {
        using var alice = await app.SignUp();
        using var mallory = await app.SignUp();
        using var program = app.Anonymous();
        var first = await Feed(alice);
        (await program.Get(first)).Is(200);
        var second = await Feed(alice);

        (await program.Get(first)).IsProblem(401, "token_invalid");
        (await program.Get(second)).Is(200);
        Assert.Single((await alice.Get("/api/tokens")).Is(200).Json.AsArray());
        (await mallory.Delete("/api/calendar-token")).IsProblem(404, "token_not_found");
        (await program.Get(second)).Is(200);
        (await alice.Delete("/api/calendar-token")).Is(204);
        (await program.Get(second)).IsProblem(401, "token_invalid");
        (await alice.Delete("/api/calendar-token")).IsProblem(404, "token_not_found");
    }

    private static async Task<string> Feed(ApiClient user) => (await user.Post("/api/calendar-token")).Is(201).Text("path");

    private static List<CalendarEvent> Events(ApiAnswer answer) => [.. Calendar.Load(answer.Body)!.Events.OrderBy(shown => shown.Start!.Value)];

    public sealed class App : TestApp
    {
        private readonly FakeClock _time = new();

        protected override TimeProvider Clock => _time;
    }
}
