using System.Net;
using System.Net.Sockets;
using MimeKit;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

/// <summary>Mail is sent to a server of somebody else's, the package SmtpServer.</summary>
public sealed class EmailChannelTests : EmailTest
{
    [Fact]
    public async Task A_mail_comes_as_text_and_HTML_and_its_id_tells_the_delivery()
    {
        await using var server = new MailServer();
        await using var process = await Start(server, ("Notifications:AppUrl", "https://app.example.com"));
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"), "Grüße <b>&\r\nBcc: eve@example.com");

        await process.Notify();
        await process.Deliver();

        var mail = await server.Next();
        var delivery = (await process.DeliveriesOf(reminder))[Channels.Email];
        Assert.Equal(["ada@example.com"], mail.To);
        Assert.Equal("\"TodoFlow, täglich\" <reminders@example.com>", mail.Message.From.ToString());
        Assert.Equal($"{delivery.Id:N}@example.com", mail.Message.MessageId);
        Assert.Equal(Clock.GetUtcNow(), mail.Message.Date, TimeSpan.FromSeconds(1));
        Assert.Equal("Grüße <b>&  Bcc: eve@example.com", mail.Message.Subject);
        Assert.Empty(mail.Message.Bcc);
        Assert.Equal(("multipart/alternative", "auto-generated"), (mail.Message.Body!.ContentType.MimeType, mail.Message.Headers[HeaderId.AutoSubmitted]));
        Assert.StartsWith("Grüße <b>&  Bcc: eve@example.com\n\nYou asked to be reminded.\n\nhttps://app.example.com/tasks/", mail.Message.TextBody!.ReplaceLineEndings("\n"));
        var html = mail.Message.HtmlBody;
        Assert.Contains("&lt;b&gt;&amp;", html);
        Assert.DoesNotContain("<b>", html);
        Assert.Contains($"href=\"https://app.example.com/tasks/{reminder.TaskId}\"", html);
        Assert.Equal(["attempt email 1 sent", "sent email"], (await process.Trace(reminder))[4..]);
    }

    [Fact]
    public async Task A_server_that_is_busy_is_tried_again_and_the_trace_says_so()
    {
        await using var server = new MailServer(new() { Busy = 2 });
        await using var process = await Start(server);
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();

        await process.Deliver();
        Clock.Advance(TimeSpan.FromSeconds(1));
        await process.Deliver();
        Clock.Advance(TimeSpan.FromSeconds(2));
        await process.Deliver();

        Assert.NotNull(await server.Next());
        Assert.Equal(
            ["attempt email 1 retry smtp_421", "attempt email 2 retry smtp_421", "attempt email 3 sent", "sent email"],
            (await process.Trace(reminder))[4..]);
        Assert.Equal(2, (await process.Stored(reminder)).RetryCount);
    }

    [Fact]
    public async Task A_recipient_that_is_refused_is_not_tried_again()
    {
        await using var server = new MailServer(new() { Refused = { ["nobody@example.com"] = 550 } });
        await using var process = await Start(server);
        var reminder = await process.Fire(await Mailed(process, "nobody@example.com"));
        await process.Notify();

        await process.Deliver();

        Assert.Equal((ReminderStatus.Failed, "smtp_550"), ((await process.Stored(reminder)).Status, (await process.Stored(reminder)).Reason));
    }

    [Fact]
    public async Task A_recipient_that_is_refused_for_now_is_tried_again()
    {
        await using var server = new MailServer(new() { Refused = { ["full@example.com"] = 452 } });
        await using var process = await Start(server);
        var reminder = await process.Fire(await Mailed(process, "full@example.com"));
        await process.Notify();

        await process.Deliver();

        Assert.Equal(["attempt email 1 retry smtp_452"], (await process.Trace(reminder))[4..]);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task A_server_that_says_nothing_is_left_when_the_try_is_over_and_no_mail_is_counted(string security)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var process = await Start(((IPEndPoint)silent.LocalEndpoint).Port, ("Email:Security", security));
        using var over = new CancellationTokenSource();
        var message = new DeliveryMessage
        {
            DeliveryId = Guid.NewGuid(),
            UserId = await Mailed(process, "ada@example.com"),
            NotificationId = Guid.NewGuid(),
            TaskId = Guid.NewGuid(),
            ReminderId = null,
            Title = "a",
            Body = "b",
            Count = 1,
            RemindAt = null,
            Late = false,
            CreatedAt = Clock.GetUtcNow(),
            Attempt = 1,
        };

        var sending = process.Get<INotificationChannel>().Send(message, over.Token);
        using var connection = await silent.AcceptTcpClientAsync();
        await over.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(0L, await Database.Scalar<long>("select coalesce(sum(mails), 0)::bigint from mail_count"));
    }

    [Fact]
    public async Task A_server_that_is_down_is_tried_again()
    {
        int port;
        await using (var server = new MailServer())
        {
            port = server.Port;
        }

        await using var process = await Start(port);
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();
        await process.Deliver();

        Assert.Equal(["attempt email 1 retry connection_failed"], (await process.Trace(reminder))[4..]);
    }

    [Fact]
    public async Task Who_has_no_address_is_not_reached_by_mail()
    {
        await using var server = new MailServer();
        await using var process = await Start(server);
        var reminder = await process.Fire(await Mailed(process, ""));
        await process.Notify();

        Assert.Equal("no_channel", (await process.Stored(reminder)).Reason);
    }

    [Fact]
    public async Task An_address_of_another_script_is_reached_where_the_server_can()
    {
        await using var server = new MailServer();
        await using var process = await Start(server);
        await process.Fire(await Mailed(process, "jürgen@bücher.example"));
        await process.Notify();
        await process.Deliver();

        var mail = await server.Next();
        Assert.StartsWith("jürgen@", Assert.Single(mail.To), StringComparison.Ordinal); // SmtpServer reads domains as ASCII
        Assert.Equal("jürgen@xn--bcher-kva.example", Assert.Single(mail.Message.To.Mailboxes).GetAddress(idnEncode: true));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("SMTPUTF8")]
    public async Task A_domain_of_another_script_is_written_so_that_every_server_understands_it(string? without)
    {
        await using var server = new MailServer(new() { Without = without });
        await using var process = await Start(server);
        await process.Fire(await Mailed(process, "ada@bücher.example"));
        await process.Notify();
        await process.Deliver();

        var mail = await server.Next();
        Assert.Equal(["ada@xn--bcher-kva.example"], mail.To);
        Assert.Contains("To: ada@xn--bcher-kva.example", mail.Lines);
    }

    [Fact]
    public async Task An_address_of_another_script_is_not_tried_again_where_the_server_cannot()
    {
        await using var server = new MailServer(new() { Without = "SMTPUTF8" });
        await using var process = await Start(server);
        var reminder = await process.Fire(await Mailed(process, "jürgen@example.com"));
        await process.Notify();
        await process.Deliver();

        Assert.Equal((ReminderStatus.Failed, "smtputf8_unavailable"), ((await process.Stored(reminder)).Status, (await process.Stored(reminder)).Reason));
    }
}
