using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>Registering, logging in, one's own account, and its end.</summary>
public sealed class SignInTests(TestApp app) : IClassFixture<TestApp>
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task Registering_signs_in()
    {
        using var client = app.Anonymous();
        var answer = (await client.Post("/api/auth/register", new { email = " Ada@Example.com ", password = Password, time_zone = "Europe/Berlin" })).Is(201);
        Assert.Equal("Bearer", answer.Text("token_type"));
        Assert.Equal(900, answer["expires_in"]!.GetValue<int>());
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Equal(43, answer.Text("refresh_token").Length); // 256 bits as base64url

        client.Token = answer.Text("access_token");
        var me = (await client.Get("/api/me")).Is(200);
        Assert.Equal("Ada@Example.com", me.Text("email"));
        Assert.Equal("Europe/Berlin", me.Text("time_zone"));
        Assert.True(me["created_at"]!.GetValue<DateTimeOffset>() <= DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task An_address_is_taken_in_any_spelling()
    {
        using var client = app.Anonymous();
        (await client.Post("/api/auth/register", new { email = "grace@example.com", password = Password })).Is(201);
        (await client.Post("/api/auth/register", new { email = "GRACE@example.COM", password = "another password" })).IsProblem(409, "email_taken");
        (await client.Post("/api/auth/login", new { email = "Grace@Example.com", password = Password })).Is(200);
    }

    [Fact]
    public async Task Of_two_registrations_at_once_one_is_refused()
    {
        using var client = app.Anonymous();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            client.Post("/api/auth/register", new { email = "twins@example.com", password = Password })));
        Assert.Equal([201, 409, 409, 409], answers.Select(answer => answer.Status).Order());
    }

    [Fact]
    public async Task Every_bad_field_is_named()
    {
        using var client = app.Anonymous();
        var answer = await client.Post("/api/auth/register", new { email = "nobody", password = "short", time_zone = "Mars/Olympus" });
        Assert.Equal(["email", "password", "time_zone"], answer.IsProblem(400, "invalid_request").BadFields);
        answer = await client.Post("/api/auth/register", new { email = "ada@example.org", password = Password, time_zone = "Mars/Olympus" });
        Assert.Equal(["time_zone"], answer.IsProblem(400, "invalid_request").BadFields);
        answer = await client.Post("/api/auth/login", new { });
        Assert.Equal(["email", "password"], answer.IsProblem(400, "invalid_request").BadFields);
        answer = await client.Post("/api/auth/refresh", new { refresh_token = 7 });
        Assert.Equal(["refresh_token"], answer.IsProblem(400, "invalid_request").BadFields);
        answer = await client.Post("/api/auth/logout", """{"refresh_token": "a\u0000"}""");
        Assert.Equal(["refresh_token"], answer.IsProblem(400, "invalid_request").BadFields);
    }

    [Theory]
    [InlineData(9, 400)]
    [InlineData(10, 201)]
    [InlineData(200, 201)]
    [InlineData(201, 400)]
    public async Task A_password_has_10_to_200_characters(int length, int status)
    {
        using var client = app.Anonymous();
        var (email, password) = ($"length{length}@example.com", string.Concat(Enumerable.Repeat("🔑", length)));
        (await client.Post("/api/auth/register", new { email, password })).Is(status);
        if (status == 201)
        {
            (await client.Post("/api/auth/login", new { email, password })).Is(200);
            (await client.Post("/api/auth/login", new { email, password = password[..^2] })).IsProblem(401, "invalid_credentials");
        }
    }

    [Fact]
    public async Task An_unknown_address_and_a_wrong_password_get_the_same_answer()
    {
        using var client = app.Anonymous();
        (await client.Post("/api/auth/register", new { email = "alan@example.com", password = Password })).Is(201);
        var wrong = (await client.Post("/api/auth/login", new { email = "alan@example.com", password = Password + "!" })).IsProblem(401, "invalid_credentials");
        var unknown = (await client.Post("/api/auth/login", new { email = "nobody@example.com", password = Password })).IsProblem(401, "invalid_credentials");
        Assert.Equal(wrong.Text("detail"), unknown.Text("detail"));
        Assert.Equal(wrong.Headers.Keys.Order(), unknown.Headers.Keys.Order());
        Assert.Equal("Bearer", unknown.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task Deleting_the_account_removes_everything_of_it_and_nothing_else()
    {
        using var other = await app.SignUp();
        var kept = (await other.Post("/api/tasks", new { title = "Stay" })).Is(201).Id;
        using var client = app.Anonymous();
        var registered = (await client.Post("/api/auth/register", new { email = "gone@example.com", password = Password }, ("Idempotency-Key", "r1"))).Is(201);
        client.Token = registered.Text("access_token");
        var me = (await client.Get("/api/me")).Id;
        var gone = (await client.Post("/api/tasks", new { title = "Go", reminder_offset = "15 minutes", due_date = "2099-01-01" }, ("Idempotency-Key", "t1"))).Is(201).Id;
        foreach (var task in new[] { gone, kept }) // whatever the reason was
        {
            await app.Database.Execute(
                $"""
                insert into dead_letter (id, group_name, topic, partition, record_offset, digest, value, headers, reason, first_parked_at, last_parked_at)
                select gen_random_uuid(), 'todoflow-audit', topic, shard, position, '\x00', payload, '[]', 'unreadable', now(), now()
                from outbox where key = '{task}' and topic = 'task-events'
                """);
        }

        Assert.NotEqual(0, await app.Database.Scalar<long>($"select count(*) from outbox where key = '{gone}'"));

        (await client.Delete("/api/me")).Is(204);
        foreach (var table in new[] { "outbox", "dead_letter" })
        {
            var column = table == "outbox" ? "payload" : "value";
            Assert.Equal(0, await app.Database.Scalar<long>($"select count(*) from {table} where position('{me}'::bytea in {column}) > 0"));
            Assert.NotEqual(0, await app.Database.Scalar<long>($"select count(*) from {table} where position('{kept}'::bytea in {column}) > 0"));
        }

        foreach (var table in new[] { "task_item", "session", "refresh_token", "idempotent_response", "audit_entry", "reminder" })
        {
            Assert.Equal(0, await app.Database.Scalar<long>($"select count(*) from {table} where user_id = '{me}'"));
        }

        Assert.Equal(0, await app.Database.Scalar<long>($"select count(*) from app_user where id = '{me}'"));
        var challenge = (await client.Get("/api/me")).IsProblem(401, "account_gone").Header("WWW-Authenticate");
        Assert.Equal("Bearer error=\"invalid_token\"", challenge);
        (await client.Post("/api/tasks", new { title = "Too late" })).IsProblem(401, "account_gone");
        (await client.Delete("/api/me")).IsProblem(401, "account_gone");
        (await client.Post("/api/auth/refresh", new { refresh_token = registered.Text("refresh_token") })).IsProblem(401, "refresh_token_invalid");
        (await client.Post("/api/auth/login", new { email = "gone@example.com", password = Password })).IsProblem(401, "invalid_credentials");
        (await client.Post("/api/auth/register", new { email = "gone@example.com", password = Password }, ("Idempotency-Key", "r1"))).Is(201);

        Assert.Single((await other.Get("/api/tasks")).Is(200).Json.AsArray());
        (await other.Get("/api/me")).Is(200);
    }
}
