using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

public sealed class NotificationRoutesTests(TestApp app) : IClassFixture<TestApp>
{
    [Fact]
    public async Task Who_never_said_anything_gets_the_defaults_and_sees_which_channels_there_are()
    {
        using var alice = await app.SignUp("Europe/Berlin");

        var answer = (await alice.Get("/api/notifications/preferences")).Is(200);

        Assert.Equal("""["in_app","realtime","email","web_push"]""", answer["channels"]!.ToJsonString());
        Assert.Equal(
            """{"channel":"email","enabled":true,"available":false,"reason":"not_configured"}""",
            answer["channel_states"]!.AsArray().Single(state => state!["channel"]!.GetValue<string>() == "email")!.ToJsonString());
        Assert.True(answer["channel_states"]!.AsArray().Single(state => state!["channel"]!.GetValue<string>() == "in_app")!["available"]!.GetValue<bool>());
        Assert.Null(answer["quiet_hours"]);
        Assert.Equal(("Europe/Berlin", "09:00"), (answer.Text("time_zone"), answer.Text("all_day_reminder_time")));
        Assert.Null(answer["default_reminder_offset"]);
    }

    [Fact]
    public async Task A_change_names_only_what_changes_and_null_brings_the_default_back()
    {
        using var alice = await app.SignUp();
        await alice.Put("/api/notifications/preferences", new { channels = new[] { "in_app", "in_app" }, quiet_hours = new { from = "22:00", to = "07:00" }, time_zone = "Asia/Kolkata" });

        var changed = (await alice.Put("/api/notifications/preferences", new { default_reminder_offset = "15 minutes", all_day_reminder_time = "08:30" })).Is(200);

        Assert.Equal("""["in_app"]""", changed["channels"]!.ToJsonString());
        Assert.Equal("""{"from":"22:00","to":"07:00"}""", changed["quiet_hours"]!.ToJsonString());
        Assert.Equal(("Asia/Kolkata", "15 minutes", "08:30"), (changed.Text("time_zone"), changed.Text("default_reminder_offset"), changed.Text("all_day_reminder_time")));
        Assert.Equal(changed.Body, (await alice.Get("/api/notifications/preferences")).Body);

        var back = (await alice.Put("/api/notifications/preferences", """{"channels":null,"quiet_hours":null,"time_zone":null,"default_reminder_offset":null,"all_day_reminder_time":null}""")).Is(200);
        Assert.Equal(4, back["channels"]!.AsArray().Count);
        Assert.Null(back["quiet_hours"]);
        Assert.Equal(("UTC", "09:00"), (back.Text("time_zone"), back.Text("all_day_reminder_time")));
    }

    [Theory]
    [InlineData("""{"channels":["pigeon"]}""", "channels")]
    [InlineData("""{"channels":"email"}""", "channels")]
    [InlineData("""{"quiet_hours":{"from":"22:00"}}""", "quiet_hours.to")]
    [InlineData("""{"quiet_hours":{"to":"22:00"}}""", "quiet_hours.from")]
    [InlineData("""{"quiet_hours":{"from":"24:00","to":"7"}}""", "quiet_hours.from,quiet_hours.to")]
    [InlineData("""{"quiet_hours":{"from":"22:00","to":"22:00"}}""", "quiet_hours.to")]
    [InlineData("""{"quiet_hours":"22:00-07:00"}""", "quiet_hours")]
    [InlineData("""{"time_zone":"Mars/Olympus"}""", "time_zone")]
    [InlineData("""{"default_reminder_offset":"soon"}""", "default_reminder_offset")]
    [InlineData("""{"default_reminder_offset":"366 days"}""", "default_reminder_offset")]
    [InlineData("""{"all_day_reminder_time":"9"}""", "all_day_reminder_time")]
    public async Task A_wrong_preference_is_named_and_nothing_changes(string body, string fields)
    {
        using var alice = await app.SignUp();
        var before = (await alice.Get("/api/notifications/preferences")).Body;

        var answer = (await alice.Put("/api/notifications/preferences", body)).IsProblem(400, "invalid_request");

        Assert.Equal(fields.Split(','), answer.BadFields);
        Assert.Equal(before, (await alice.Get("/api/notifications/preferences")).Body);
    }

    [Fact]
    public async Task Notifications_are_listed_newest_first_in_pages_and_counted()
    {
        using var alice = await app.SignUp();
        var ids = await Add(alice, 5);

        var first = (await alice.Get("/api/notifications?limit=2")).Is(200);
        var second = (await alice.Get(first.Header("Link")![1..].Split('>')[0])).Is(200);
        var third = (await alice.Get(second.Header("Link")![1..].Split('>')[0])).Is(200);

        ids.Reverse();
        Assert.Equal(ids, Ids(first).Concat(Ids(second)).Concat(Ids(third)));
        Assert.Null(third.Header("Link"));
        Assert.Equal("5", first.Header("X-Unread-Count"));
        Assert.Equal(["id", "task_id", "reminder_id", "title", "body", "created_at", "read_at", "task_completed_at"], first.Json[0]!.AsObject().Select(field => field.Key));
    }

    [Fact]
    public async Task Reading_is_idempotent_and_filters()
    {
        using var alice = await app.SignUp();
        var ids = await Add(alice, 3);

        var read = (await alice.Post($"/api/notifications/{ids[1]}/read")).Is(200);
        var again = (await alice.Post($"/api/notifications/{ids[1]}/read")).Is(200);

        Assert.NotNull(read["read_at"]);
        Assert.Equal(read.Body, again.Body);
        Assert.Equal([ids[2], ids[0]], Ids(await alice.Get("/api/notifications?unread=true")));
        Assert.Equal([ids[1]], Ids(await alice.Get("/api/notifications?unread=false")));
        Assert.Equal("2", (await alice.Get("/api/notifications?limit=1")).Header("X-Unread-Count"));
    }

    [Fact]
    public async Task All_are_read_at_once_or_those_that_were_seen()
    {
        using var alice = await app.SignUp();
        var ids = await Add(alice, 3);

        (await alice.Post("/api/notifications/read-all", new { up_to = ids[1] })).Is(204);
        Assert.Equal([ids[2]], Ids(await alice.Get("/api/notifications?unread=true")));
        (await alice.Post("/api/notifications/read-all")).Is(204);
        Assert.Equal("0", (await alice.Get("/api/notifications")).Header("X-Unread-Count"));
    }

    [Fact]
    public async Task What_is_somebody_elses_is_not_there()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();
        using var nobody = app.Anonymous();
        var ids = await Add(alice, 1);
        var task = (await alice.Post("/api/tasks", new { title = "a", due_date = "2099-01-01T00:00:00Z" })).Is(201).Id;
        var reminder = (await alice.Post("/api/reminders", new { task_id = task, reminder_offset = "1 day" })).Is(201).Id;

        (await bob.Post($"/api/notifications/{ids[0]}/read")).IsProblem(404, "notification_not_found");
        (await bob.Post("/api/notifications/read-all")).Is(204);
        (await bob.Get($"/api/reminders/{reminder}/trace")).IsProblem(404, "reminder_not_found");
        Assert.Equal("[]", (await bob.Get("/api/notifications")).Is(200).Body);
        (await nobody.Get("/api/notifications")).IsProblem(401, "unauthenticated");
        (await nobody.Get("/api/notifications/preferences")).IsProblem(401, "unauthenticated");
        (await nobody.Get($"/api/reminders/{reminder}/trace")).IsProblem(401, "unauthenticated");

        Assert.Equal("1", (await alice.Get("/api/notifications")).Header("X-Unread-Count"));
        Assert.Equal("scheduled", (await alice.Get($"/api/reminders/{reminder}/trace")).Is(200).Json[0]!["step"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_was_made_without_in_app_is_not_listed()
    {
        using var alice = await app.SignUp();
        var ids = await Add(alice, 1, listed: false);

        Assert.Equal("[]", (await alice.Get("/api/notifications")).Is(200).Body);
        (await alice.Post($"/api/notifications/{ids[0]}/read")).IsProblem(404, "notification_not_found");
    }

    [Fact]
    public async Task A_reminder_that_falls_due_is_in_the_list_and_its_trace_says_how_it_came()
    {
        using var alice = await app.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "Buy milk" })).Is(201).Id;

        var reminder = (await alice.Post("/api/reminders", new { task_id = task, remind_at = DateTimeOffset.UtcNow })).Is(201).Id;

        var list = await alice.Get("/api/notifications");
        for (var patience = DateTime.UtcNow.AddSeconds(30); list.Body == "[]" && DateTime.UtcNow < patience;)
        {
            list = await alice.Get("/api/notifications");
        }

        Assert.Equal((reminder, "Buy milk"), (Guid.Parse(list.Json[0]!["reminder_id"]!.GetValue<string>()), list.Json[0]!["title"]!.GetValue<string>()));
        var steps = (await alice.Get($"/api/reminders/{reminder}/trace")).Is(200).Json.AsArray().Select(step => step!["step"]!.GetValue<string>()).ToList();
        Assert.Equal(["scheduled", "claimed", "published", "notified", "attempt", "attempt", "sent"], steps);
    }

    private static List<Guid> Ids(ApiAnswer answer) => [.. answer.Is(200).Json.AsArray().Select(one => Guid.Parse(one!["id"]!.GetValue<string>()))];

    private async Task<List<Guid>> Add(ApiClient client, int count, bool listed = true)
    {
        var user = (await client.Get("/api/me")).Is(200).Id;
        var ids = new List<Guid>();
        for (var i = 0; i < count; i++)
        {
            ids.Add(Guid.CreateVersion7(DateTimeOffset.UtcNow.AddMilliseconds(i)));
            await app.Database.Execute(
                $"""
                insert into notification (id, user_id, task_id, event_id, title, body, late, listed, created_at)
                values ('{ids[i]}', '{user}', gen_random_uuid(), gen_random_uuid(), 'a', 'b', false, {listed}, now())
                """);
        }

        return ids;
    }
}
