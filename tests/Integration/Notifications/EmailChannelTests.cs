using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

/// <summary>Mail is sent to a server of somebody else's (npm smtp-server) and read by another's library (npm mailparser).</summary>
public sealed class EmailChannelTests : IAsyncLifetime
{
    private readonly FakeClock clock = new(DateTimeOffset.UtcNow); // certificates are judged by the system's
    private TestDatabase database = null!;

    public async Task InitializeAsync() => database = await TestPostgres.CreateDatabase();

    public async Task DisposeAsync() => await database.DisposeAsync();

    [NodeFact]
    public async Task A_mail_comes_as_text_and_HTML_and_its_id_tells_the_delivery()
    {
        await using var server = await SmtpServer.Start(new { });
        await using var process = await Start(server, ("Notifications:AppUrl", "https://app.example.com"));
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"), "Grüße <b>&\r\nBcc: eve@example.com");

        await process.Notify();
        await process.Deliver();

        var mail = await server.Next();
        var delivery = (await process.DeliveriesOf(reminder))[Channels.Email];
        Assert.Equal(["ada@example.com"], mail["to"]!.AsArray().Select(to => to!.GetValue<string>()));
        Assert.Equal("reminders@example.com", mail["from"]!.GetValue<string>());
        Assert.Contains("TodoFlow, täglich", mail["sender"]!.GetValue<string>());
        Assert.Equal($"<{delivery.Id:N}@example.com>", mail["message_id"]!.GetValue<string>());
        Assert.Equal("Grüße <b>&  Bcc: eve@example.com", mail["subject"]!.GetValue<string>());
        Assert.DoesNotContain("bcc", mail["headers"]!.AsArray().Select(header => header!.GetValue<string>()));
        Assert.Equal(("multipart/alternative", "auto-generated"), (mail["content_type"]!.GetValue<string>(), mail["auto_submitted"]!.GetValue<string>()));
        Assert.StartsWith("Grüße <b>&  Bcc: eve@example.com\n\nYou asked to be reminded.\n\nhttps://app.example.com/tasks/", mail["text"]!.GetValue<string>());
        var html = mail["html"]!.GetValue<string>();
        Assert.Contains("&lt;b&gt;&amp;", html);
        Assert.DoesNotContain("<b>", html);
        Assert.Contains($"href=\"https://app.example.com/tasks/{reminder.TaskId}\"", html);
        Assert.Equal(["attempt email 1 sent", "sent email"], (await process.Trace(reminder))[4..]);
    }

    [NodeFact]
    public async Task A_server_that_is_busy_is_tried_again_and_the_trace_says_so()
    {
        await using var server = await SmtpServer.Start(new { busy = 2 });
        await using var process = await Start(server);
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();

        await process.Deliver();
        clock.Advance(TimeSpan.FromSeconds(1));
        await process.Deliver();
        clock.Advance(TimeSpan.FromSeconds(2));
        await process.Deliver();

        Assert.NotNull(await server.Next());
        Assert.Equal(
            ["attempt email 1 retry smtp_421", "attempt email 2 retry smtp_421", "attempt email 3 sent", "sent email"],
            (await process.Trace(reminder))[4..]);
        Assert.Equal(2, (await process.Stored(reminder)).RetryCount);
    }

    [NodeFact]
    public async Task A_recipient_that_is_refused_is_not_tried_again()
    {
        await using var server = await SmtpServer.Start(new { refused = "nobody@example.com" });
        await using var process = await Start(server);
        var reminder = await process.Fire(await Mailed(process, "nobody@example.com"));
        await process.Notify();

        await process.Deliver();

        Assert.Equal((ReminderStatus.Failed, "smtp_550"), ((await process.Stored(reminder)).Status, (await process.Stored(reminder)).Reason));
    }

    [NodeFact]
    public async Task A_server_that_is_down_is_tried_again()
    {
        int port;
        await using (var server = await SmtpServer.Start(new { }))
        {
            port = server.Port;
        }

        await using var process = await Start(port);
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();
        await process.Deliver();

        Assert.Equal(["attempt email 1 retry connection_failed"], (await process.Trace(reminder))[4..]);
    }

    [NodeTheory]
    [InlineData("starttls", "PLAIN")]
    [InlineData("starttls", "LOGIN")]
    [InlineData("tls", "PLAIN")]
    public async Task It_signs_in_over_TLS_to_a_server_whose_certificate_is_trusted(string security, string method)
    {
        using var certificate = new ServerCertificate();
        await using var server = await SmtpServer.Start(new
        {
            tls = security == "tls",
            starttls = security == "starttls",
            key = certificate.KeyFile,
            cert = certificate.CertificateFile,
            user = "todoflow",
            password = "pässword",
            method,
        });
        await using var process = await Start(
            server, ("Email:Security", security), ("Email:User", "todoflow"), ("Email:Password", "pässword"), ("Email:SslCaLocation", certificate.CertificateFile));
        await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();
        await process.Deliver();

        var mail = await server.Next();
        Assert.True(mail["secure"]!.GetValue<bool>());
        Assert.Equal("todoflow", mail["user"]!.GetValue<string>());
    }

    [NodeTheory]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task A_certificate_that_nobody_vouches_for_is_not_trusted(string security)
    {
        using var certificate = new ServerCertificate();
        await using var server = await SmtpServer.Start(
            new { tls = security == "tls", starttls = security == "starttls", key = certificate.KeyFile, cert = certificate.CertificateFile });
        await using var process = await Start(server, ("Email:Security", security));
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();
        await process.Deliver();

        Assert.Equal(["attempt email 1 retry tls_failed"], (await process.Trace(reminder))[4..]);
        Assert.True(server.ReceivedNothing);
    }

    [NodeFact]
    public async Task Without_STARTTLS_nothing_is_sent_in_plain_text()
    {
        await using var server = await SmtpServer.Start(new { });
        await using var process = await Start(server, ("Email:Security", "starttls"));
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();
        await process.Deliver();

        Assert.Equal(["attempt email 1 retry starttls_unavailable"], (await process.Trace(reminder))[4..]);
        Assert.True(server.ReceivedNothing);
    }

    [NodeFact]
    public async Task A_wrong_password_is_the_settings_fault_and_loses_no_mail()
    {
        using var certificate = new ServerCertificate();
        await using var server = await SmtpServer.Start(
            new { starttls = true, key = certificate.KeyFile, cert = certificate.CertificateFile, user = "todoflow", password = "right" });
        await using var process = await Start(
            server, ("Email:Security", "starttls"), ("Email:User", "todoflow"), ("Email:Password", "wrong"), ("Email:SslCaLocation", certificate.CertificateFile));
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();
        await process.Deliver();

        Assert.Equal(["attempt email 1 retry smtp_535"], (await process.Trace(reminder))[4..]);
    }

    [NodeFact]
    public async Task Who_has_no_address_is_not_reached_by_mail()
    {
        await using var server = await SmtpServer.Start(new { });
        await using var process = await Start(server);
        var reminder = await process.Fire(await Mailed(process, ""));
        await process.Notify();

        Assert.Equal("no_channel", (await process.Stored(reminder)).Reason);
    }

    [NodeFact]
    public async Task An_address_of_another_script_is_reached_where_the_server_can()
    {
        await using var server = await SmtpServer.Start(new { });
        await using var process = await Start(server);
        await process.Fire(await Mailed(process, "jürgen@bücher.example"));
        await process.Notify();
        await process.Deliver();

        Assert.Equal("jürgen@bücher.example", (await server.Next())["to"]![0]!.GetValue<string>());
    }

    private static Task<Guid> Mailed(NotificationServices process, string address) =>
        process.AddUser(preference => preference.Channels = [Channels.Email], email: address);

    private Task<NotificationServices> Start(SmtpServer server, params (string Name, string Value)[] settings) => Start(server.Port, settings);

    private Task<NotificationServices> Start(int port, params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string>
        {
            ["Email:Host"] = "localhost",
            ["Email:Port"] = $"{port}",
            ["Email:Security"] = "none",
            ["Email:From"] = "\"TodoFlow, täglich\" <reminders@example.com>",
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return NotificationServices.Start(database, clock, [], [.. all.Select(setting => (setting.Key, setting.Value))]);
    }

    private sealed class ServerCertificate : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("todoflow-smtp-").FullName;

        public ServerCertificate()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
            File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        }

        public string CertificateFile => Path.Combine(folder, "cert.pem");

        public string KeyFile => Path.Combine(folder, "key.pem");

        public void Dispose() => Directory.Delete(folder, recursive: true);
    }
}
