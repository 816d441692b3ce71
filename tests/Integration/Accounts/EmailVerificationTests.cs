using MimeKit;
using TodoFlow.Domain.Notifications;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Notifications.Email;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>Reminders are mailed to addresses that their users have verified, up to a limit, and until they are unsubscribed.</summary>
public sealed class EmailVerificationTests(EmailVerificationTests.App app) : IClassFixture<EmailVerificationTests.App>
{
    private const string Verify = "/api/auth/verify";
    private const string Unsubscribe = "/api/mail/unsubscribe";

    [Fact]
    public async Task A_stranger_whose_address_somebody_registers_gets_one_mail_in_which_nothing_is_theirs()
    {
        using var anonymous = app.Anonymous();
        var email = $"{Guid.NewGuid():N}@example.com";
        using var eve = new ApiClient(app.Address, (await anonymous.Post("/api/auth/register", new { email, password = MailedApp.Password })).Is(201).Text("access_token"));
        var mail = await app.Mail.Next();
        Assert.Equal([email], mail.To);
        Assert.Equal("Confirm your e-mail address", mail.Message.Subject);
        Assert.Equal(("email", true, false, "address_unverified"), await EmailChannel(eve));

        for (var i = 0; i < 20; i++)
        {
            await AddDueReminder(eve, $"Buy my pills {i}");
        }

        await UntilFired(eve, 20);
        Assert.Equal(0, await app.Database.Scalar<long>($"select count(*) from delivery where channel = 'email' and user_id = '{(await eve.Get("/api/me")).Id}'"));
        Assert.True(app.Mail.ReceivedNothing);
    }

    [Fact]
    public async Task The_link_verifies_once_its_button_was_pressed_and_may_be_followed_again()
    {
        var (email, ada, token) = await app.Register();
        using var anonymous = app.Anonymous();
        var page = (await anonymous.Get($"{Verify}?token={token}")).Is(200);
        Assert.Equal("text/html; charset=utf-8", page.Header("Content-Type"));
        Assert.Contains("<form method=\"post\">", page.Body, StringComparison.Ordinal);
        Assert.False(await IsVerified(ada)); // a program that follows links verifies nothing

        Assert.Contains("is confirmed", (await MailedApp.Submit(anonymous, $"{Verify}?token={token}", ("token", token))).Is(200).Body, StringComparison.Ordinal);
        Assert.True(await IsVerified(ada));
        (await anonymous.Post(Verify, new { token })).Is(204);
        Assert.Equal(("email", true, true, null), await EmailChannel(ada));

        await AddDueReminder(ada, "Buy milk");
        var reminder = await app.Mail.Next();
        Assert.Equal([email], reminder.To);
        Assert.Equal("Buy milk", reminder.Message.Subject);
        ada.Dispose();
    }

    [Fact]
    public async Task What_is_no_token_verifies_nothing()
    {
        var (_, ada, token) = await app.Register();
        using var anonymous = app.Anonymous();
        foreach (var wrong in new[] { "nonsense", token + "x", token.ToUpperInvariant() })
        {
            (await anonymous.Post(Verify, new { token = wrong })).IsProblem(401, "mail_token_invalid");
        }

        Assert.Equal(["token"], (await anonymous.Post(Verify, new { })).IsProblem(400, "invalid_request").BadFields);
        Assert.Equal(["token"], (await anonymous.Get(Verify)).IsProblem(400, "invalid_request").BadFields);
        var escaped = (await anonymous.Get($"{Verify}?token=%22%3E%3Cscript%3E")).Is(200).Body;
        Assert.DoesNotContain("<script>", escaped, StringComparison.Ordinal);
        Assert.False(await IsVerified(ada));
        ada.Dispose();
    }

    [Fact]
    public async Task The_mail_is_sent_again_a_few_times_for_who_is_signed_in_and_not_verified()
    {
        var (email, ada, first) = await app.Register();
        using var anonymous = app.Anonymous();
        (await anonymous.Post($"{Verify}/resend")).IsProblem(401, "unauthenticated");
        for (var mail = 1; mail < AccountMailQueue.PerHour; mail++)
        {
            (await ada.Post($"{Verify}/resend")).Is(202);
            Assert.NotEqual(first, await app.NextToken(email, Verify));
        }

        (await ada.Post($"{Verify}/resend")).Is(202);
        await UntilNoneWaits();
        Assert.True(app.Mail.ReceivedNothing);

        (await anonymous.Post(Verify, new { token = first })).Is(204);
        (await ada.Post($"{Verify}/resend")).IsProblem(409, "email_verified");
        ada.Dispose();
    }

    [Fact]
    public async Task No_more_reminders_are_mailed_than_the_limit()
    {
        using var ada = await Verified();
        for (var i = 0; i < App.MailsPerHour + 3; i++)
        {
            await AddDueReminder(ada, $"Reminder {i}");
        }

        for (var i = 0; i < App.MailsPerHour; i++)
        {
            await app.Mail.Next();
        }

        var me = (await ada.Get("/api/me")).Id;
        await Until($"select count(*) from delivery where channel = 'email' and user_id = '{me}' and reason = 'mail_limit'", 3);
        Assert.True(app.Mail.ReceivedNothing);
        await Until($"select count(*) from delivery where channel = 'email' and user_id = '{me}' and status = 2", App.MailsPerHour); // stored after the server took it

        using var other = await Verified(); // has a limit of their own
        await AddDueReminder(other, "Another's");
        Assert.Equal("Another's", (await app.Mail.Next()).Message.Subject);
    }

    [Fact]
    public async Task A_reminder_says_how_to_unsubscribe_with_one_click_and_without_signing_in()
    {
        using var ada = await Verified();
        using var other = await Verified();
        await AddDueReminder(ada, "Buy milk");
        var mail = await app.Mail.Next();
        Assert.Equal("List-Unsubscribe=One-Click", mail.Message.Headers[HeaderId.ListUnsubscribePost]);
        var link = new Uri(mail.Message.Headers[HeaderId.ListUnsubscribe]!.Trim('<', '>'));
        Assert.Equal(("https", "todo.example.com", Unsubscribe), (link.Scheme, link.Host, link.AbsolutePath));
        Assert.Contains(link.AbsoluteUri, mail.Message.TextBody!, StringComparison.Ordinal);
        using var anonymous = app.Anonymous();

        (await anonymous.Get(link.PathAndQuery)).Is(200);
        Assert.Equal(("email", true, true, null), await EmailChannel(ada)); // looking changes nothing

        (await anonymous.Post($"{Unsubscribe}?token={new string('0', 32)}.{link.Query.Split('.')[1]}")).IsProblem(401, "mail_token_invalid");
        var forged = $"{(await other.Get("/api/me")).Id:N}.{link.Query.Split('.')[1]}";
        (await anonymous.Post($"{Unsubscribe}?token={forged}")).IsProblem(401, "mail_token_invalid");
        Assert.Equal(["token"], (await anonymous.Post(Unsubscribe)).IsProblem(400, "invalid_request").BadFields);

        for (var i = 0; i < 2; i++)
        {
            (await MailedApp.Submit(anonymous, link.PathAndQuery, ("List-Unsubscribe", "One-Click"))).Is(200);
        }

        Assert.Equal(("email", false, true, null), await EmailChannel(ada));
        Assert.Equal(("email", true, true, null), await EmailChannel(other));
        await AddDueReminder(ada, "Not mailed");
        await UntilFired(ada, 2);
        Assert.True(app.Mail.ReceivedNothing);

        (await ada.Put("/api/notifications/preferences", new { channels = Channels.All })).Is(200);
        Assert.Equal(("email", true, true, null), await EmailChannel(ada));
    }

    private async Task<ApiClient> Verified()
    {
        var (_, client, token) = await app.Register();
        (await client.Post(Verify, new { token })).Is(204);
        return client;
    }

    private static async Task<bool> IsVerified(ApiClient client) => (await client.Get("/api/me")).Is(200)["email_verified"]!.GetValue<bool>();

    private static async Task<(string Channel, bool Enabled, bool Available, string? Reason)> EmailChannel(ApiClient client)
    {
        var states = (await client.Get("/api/notifications/preferences")).Is(200)["channel_states"]!.AsArray();
        var email = states.Single(state => state!["channel"]!.GetValue<string>() == Channels.Email)!;
        return ("email", email["enabled"]!.GetValue<bool>(), email["available"]!.GetValue<bool>(), email["reason"]?.GetValue<string>());
    }

    private static async Task AddDueReminder(ApiClient client, string title)
    {
        var task = (await client.Post("/api/tasks", new { title })).Is(201).Id;
        (await client.Post("/api/reminders", new { task_id = task, remind_at = DateTimeOffset.UtcNow.AddSeconds(1).ToString("O") })).Is(201);
    }

    private async Task UntilFired(ApiClient client, int count) =>
        await Until($"select count(*) from notification where user_id = '{(await client.Get("/api/me")).Id}'", count);

    private Task UntilNoneWaits() => Until("select count(*) from account_mail", 0);

    private Task Until(string sql, long count) => Eventually.Holds(app.Database, $"select ({sql}) = {count}");

    /// <summary>The application under the system's clock, which reminders wait for, with a low limit of mails.</summary>
    public sealed class App : MailedApp
    {
        public const int MailsPerHour = 5;

        protected override TimeProvider Clock => TimeProvider.System;

        protected override void Configure(HostApplicationOptions options)
        {
            base.Configure(options);
            options.Settings["Email:MailsPerHour"] = $"{MailsPerHour}";
        }
    }
}

/// <summary>Where no mail server is set, that is said.</summary>
public sealed class NoMailServerTests(TestApp app) : IClassFixture<TestApp>
{
    [Fact]
    public async Task Nothing_is_verified_and_no_password_is_mailed_for()
    {
        using var ada = await app.SignUp();
        var me = (await ada.Get("/api/me")).Is(200);
        Assert.False(me["email_verified"]!.GetValue<bool>());
        (await ada.Post("/api/auth/verify/resend")).IsProblem(409, "mail_unavailable");
        using var anonymous = app.Anonymous();
        foreach (var email in new[] { me.Text("email"), "nobody@example.com" })
        {
            var refused = (await anonymous.Post("/api/auth/password/forgot", new { email })).IsProblem(409, "mail_unavailable");
            Assert.Contains("Email:Host", refused.Text("detail"), StringComparison.Ordinal);
        }

        Assert.Equal(0, await app.Database.Scalar<long>("select count(*) from account_mail"));
    }
}
