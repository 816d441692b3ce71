using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

/// <summary>Mail by TLS and with a password, and the servers that are not trusted or do not take it.</summary>
public sealed class EmailSecurityTests : EmailTest
{
    [Theory]
    [InlineData("starttls", "PLAIN")]
    [InlineData("starttls", "LOGIN")]
    [InlineData("tls", "PLAIN")]
    public async Task It_signs_in_over_TLS_to_a_server_whose_certificate_is_trusted(string security, string method)
    {
        using var certificate = new ServerCertificate();
        await using var server = new MailServer(new() { Tls = security == "tls", Certificate = certificate.Value, Account = ("todoflow", "pässword"), Method = method });
        await using var process = await Start(
            server, ("Email:Security", security), ("Email:User", "todoflow"), ("Email:Password", "pässword"), ("Email:SslCaLocation", certificate.CertificateFile));
        await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();
        await process.Deliver();

        var mail = await server.Next();
        Assert.Equal((true, "todoflow"), (mail.Secure, mail.User));
    }

    [Theory]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task A_certificate_that_nobody_vouches_for_is_not_trusted(string security)
    {
        using var certificate = new ServerCertificate();
        await using var server = new MailServer(new() { Tls = security == "tls", Certificate = certificate.Value });
        await using var process = await Start(server, ("Email:Security", security));
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();
        await process.Deliver();

        Assert.Equal(["attempt email 1 retry tls_failed"], (await process.Trace(reminder))[4..]);
        Assert.True(server.ReceivedNothing);
    }

    [Fact]
    public async Task Without_STARTTLS_nothing_is_sent_in_plain_text()
    {
        await using var server = new MailServer();
        await using var process = await Start(server, ("Email:Security", "starttls"));
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();
        await process.Deliver();

        Assert.Equal(["attempt email 1 retry starttls_unavailable"], (await process.Trace(reminder))[4..]);
        Assert.True(server.ReceivedNothing);
    }

    [Fact]
    public async Task A_wrong_password_is_the_settings_fault_and_loses_no_mail()
    {
        using var certificate = new ServerCertificate();
        await using var server = new MailServer(new() { Certificate = certificate.Value, Account = ("todoflow", "right") });
        await using var process = await Start(
            server, ("Email:Security", "starttls"), ("Email:User", "todoflow"), ("Email:Password", "wrong"), ("Email:SslCaLocation", certificate.CertificateFile));
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();
        await process.Deliver();

        Assert.Equal(["attempt email 1 retry smtp_535"], (await process.Trace(reminder))[4..]);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_password_that_nobody_set_loses_no_mail()
    {
        using var certificate = new ServerCertificate();
        await using var server = new MailServer(new() { Certificate = certificate.Value, Account = ("todoflow", "secret") });
        await using var process = await Start(server);
        var reminder = await process.Fire(await Mailed(process, "ada@example.com"));
        await process.Notify();

        await process.Deliver();

        Assert.Equal(["attempt email 1 retry smtp_530"], (await process.Trace(reminder))[4..]);
    }

    private sealed class ServerCertificate : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("todoflow-smtp-").FullName;

        public ServerCertificate()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
            Value = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            File.WriteAllText(CertificateFile, Value.ExportCertificatePem());
        }

        public X509Certificate2 Value { get; }

        public string CertificateFile => Path.Combine(_folder, "cert.pem");

        public void Dispose()
        {
            Value.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
