using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications.Email;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>A password is changed by who knows it, or by who gets a mail for it; whoever was signed in is signed out.</summary>
public sealed class PasswordChangeTests(MailedApp app) : IClassFixture<MailedApp>
{
    private const string Next = "staple battery horse";
    private const string Reset = "/api/auth/password/reset";

    [Fact]
    public async Task Changing_it_signs_everybody_out_but_who_changed_it()
    {
        var (email, client, _) = await app.Register();
        using var anonymous = app.Anonymous();
        var other = (await anonymous.Post("/api/auth/login", new { email, password = MailedApp.Password })).Is(200);
        using var script = new ApiClient(app.Address, app.Host.Services.GetRequiredService<LocalIssuer>().CreateToken((await client.Get("/api/me")).Id, "UTC"));
        (await script.Get("/api/me")).Is(200);

        var changed = (await client.Put("/api/me/password", new { current_password = MailedApp.Password, new_password = Next })).Is(200);

        Assert.Equal("no-store", changed.Header("Cache-Control"));
        using var fresh = new ApiClient(app.Address, changed.Text("access_token"));
        (await fresh.Get("/api/me")).Is(200);
        Assert.Single((await fresh.Get("/api/sessions")).Json.AsArray());
        using var otherDevice = new ApiClient(app.Address, other.Text("access_token"));
        foreach (var ended in new[] { client, otherDevice, script })
        {
            (await ended.Get("/api/me")).IsProblem(401, "token_revoked");
        }

        (await anonymous.Post("/api/auth/refresh", new { refresh_token = other.Text("refresh_token") })).IsProblem(401, "refresh_token_invalid");
        (await anonymous.Post("/api/auth/login", new { email, password = MailedApp.Password })).IsProblem(401, "invalid_credentials");
        (await anonymous.Post("/api/auth/login", new { email, password = Next })).Is(200);
        client.Dispose();
    }

    [Fact]
    public async Task A_wrong_or_common_password_changes_nothing()
    {
        var (email, client, _) = await app.Register();
        using var anonymous = app.Anonymous();
        (await anonymous.Put("/api/me/password", new { current_password = MailedApp.Password, new_password = Next })).IsProblem(401, "unauthenticated");
        (await client.Put("/api/me/password", new { current_password = "a wrong password", new_password = Next })).IsProblem(401, "invalid_credentials");
        foreach (var common in new[] { "password123", email })
        {
            Assert.Equal(["new_password"], (await client.Put("/api/me/password", new { current_password = MailedApp.Password, new_password = common })).IsProblem(400, "invalid_request").BadFields);
        }

        (await client.Get("/api/me")).Is(200);
        (await anonymous.Post("/api/auth/login", new { email, password = MailedApp.Password })).Is(200);
        client.Dispose();
    }

    [Fact]
    public async Task Guessing_the_current_one_is_slowed_down_like_a_sign_in()
    {
        var (_, client, _) = await app.Register();
        for (var guess = 0; guess < SignInAttempts.Free; guess++)
        {
            (await client.Put("/api/me/password", new { current_password = $"a guess {guess}", new_password = Next }, MailedApp.From("203.0.113.1"))).IsProblem(401, "invalid_credentials");
        }

        (await client.Put("/api/me/password", new { current_password = "a guess", new_password = Next }, MailedApp.From("203.0.113.1"))).IsProblem(429, "too_many_attempts");
        client.Dispose();
    }

    [Fact]
    public async Task Who_forgot_it_chooses_another_with_the_link_of_a_mail_once()
    {
        var (email, client, _) = await app.Register();
        using var anonymous = app.Anonymous();
        var token = await Forget(anonymous, email);

        var page = (await anonymous.Get($"{Reset}?token={token}")).Is(200);
        Assert.Contains(token, page.Body, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal(("no-referrer", "no-store"), (page.Header("Referrer-Policy"), page.Header("Cache-Control")));
        (await client.Get("/api/me")).Is(200); // looking at it changed nothing

        Assert.Equal(["password"], (await anonymous.Post(Reset, new { token, password = "password123" })).IsProblem(400, "invalid_request").BadFields);
        (await anonymous.Post(Reset, new { token, password = Next })).Is(204);

        (await client.Get("/api/me")).IsProblem(401, "token_revoked");
        (await anonymous.Post("/api/auth/login", new { email, password = MailedApp.Password })).IsProblem(401, "invalid_credentials");
        anonymous.Token = (await anonymous.Post("/api/auth/login", new { email, password = Next })).Is(200).Text("access_token");
        Assert.True((await anonymous.Get("/api/me"))["email_verified"]!.GetValue<bool>()); // the mail came
        (await anonymous.Post(Reset, new { token, password = "another password of mine" })).IsProblem(401, "mail_token_invalid");
        client.Dispose();
    }

    [Fact]
    public async Task The_form_of_the_page_sets_it_too()
    {
        var (email, client, _) = await app.Register();
        using var anonymous = app.Anonymous();
        var token = await Forget(anonymous, email);
        Assert.Equal(["password"], (await MailedApp.Submit(anonymous, $"{Reset}?token={token}", ("token", token), ("password", "short"))).IsProblem(400, "invalid_request").BadFields);
        var page = (await MailedApp.Submit(anonymous, $"{Reset}?token={token}", ("token", token), ("password", Next))).Is(200);
        Assert.Contains("Your password is changed", page.Body, StringComparison.Ordinal);
        (await anonymous.Post("/api/auth/login", new { email, password = Next })).Is(200);
        client.Dispose();
    }

    [Fact]
    public async Task It_lifts_the_wait_that_guesses_brought()
    {
        var (email, client, _) = await app.Register();
        using var anonymous = app.Anonymous();
        for (var guess = 0; guess < SignInAttempts.Free; guess++)
        {
            (await anonymous.Post("/api/auth/login", new { email, password = "a wrong guess" }, MailedApp.From("203.0.113.1"))).IsProblem(401, "invalid_credentials");
        }

        (await anonymous.Post("/api/auth/login", new { email, password = MailedApp.Password }, MailedApp.From("203.0.113.2"))).IsProblem(429, "too_many_attempts");

        (await anonymous.Post(Reset, new { token = await Forget(anonymous, email), password = Next })).Is(204);

        (await anonymous.Post("/api/auth/login", new { email, password = Next }, MailedApp.From("203.0.113.2"))).Is(200);
        client.Dispose();
    }

    [Fact]
    public async Task An_address_without_an_account_gets_the_same_answer_and_no_mail()
    {
        var (email, client, _) = await app.Register();
        using var anonymous = app.Anonymous();
        var unknown = (await anonymous.Post("/api/auth/password/forgot", new { email = $"{Guid.NewGuid():N}@example.com" })).Is(202);
        var known = (await anonymous.Post("/api/auth/password/forgot", new { email })).Is(202);
        Assert.Equal(known.Body, unknown.Body);
        Assert.Equal(known.Headers.Keys.Order(), unknown.Headers.Keys.Order());
        await app.NextToken(email, Reset); // the first mail, and so the only one
        client.Dispose();
    }

    [Fact]
    public async Task A_link_serves_for_an_hour_and_for_nothing_else()
    {
        var (email, client, verification) = await app.Register();
        using var anonymous = app.Anonymous();
        var token = await Forget(anonymous, email);
        (await anonymous.Post(Reset, new { token = verification, password = Next })).IsProblem(401, "mail_token_invalid");
        (await anonymous.Post("/api/auth/verify", new { token })).IsProblem(401, "mail_token_invalid");
        (await anonymous.Post(Reset, new { token = token[..^1], password = Next })).IsProblem(401, "mail_token_invalid");
        app.Time.Advance(TimeSpan.FromHours(1));
        (await anonymous.Post(Reset, new { token, password = Next })).IsProblem(401, "mail_token_invalid");
        (await anonymous.Post("/api/auth/login", new { email, password = MailedApp.Password })).Is(200);
        client.Dispose();
    }

    [Fact]
    public async Task An_address_gets_a_few_mails_in_an_hour_and_a_day_also_when_the_account_is_made_again()
    {
        var (email, client, _) = await app.Register(); // the first mail
        using var anonymous = app.Anonymous();
        for (var mail = 1; mail < AccountMailQueue.PerHour; mail++)
        {
            await Forget(anonymous, email);
        }

        (await anonymous.Post("/api/auth/password/forgot", new { email })).Is(202); // and no mail
        (await client.Delete("/api/me")).Is(204);
        client.Token = (await anonymous.Post("/api/auth/register", new { email, password = MailedApp.Password })).Is(201).Text("access_token"); // nor here
        await UntilNoneWaits();
        Assert.True(app.Mail.ReceivedNothing);

        app.Time.Advance(TimeSpan.FromHours(1));
        await Forget(anonymous, email);
        client.Dispose();
    }

    private async Task<string> Forget(ApiClient client, string email)
    {
        (await client.Post("/api/auth/password/forgot", new { email })).Is(202);
        return await app.NextToken(email, Reset);
    }

    private async Task UntilNoneWaits()
    {
        for (var patience = System.Diagnostics.Stopwatch.StartNew(); await app.Database.Scalar<long>("select count(*) from account_mail") > 0;)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromMinutes(2), "A mail waits.");
        }
    }
}
