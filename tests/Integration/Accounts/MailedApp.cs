using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>An application that sends mail to a real SMTP server, behind one proxy, which these tests play, under a clock of the test's.</summary>
public class MailedApp : TestApp
{
    /// <summary>A password that everybody has.</summary>
    public const string Password = "correct horse battery";

    /// <summary>The clock.</summary>
    public FakeClock Time { get; } = new(DateTimeOffset.UtcNow);

    /// <summary>The mail server.</summary>
    public MailServer Mail { get; } = new();

    /// <inheritdoc/>
    protected override TimeProvider Clock => Time;

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Mail.DisposeAsync();
    }

    /// <summary>Registers somebody.</summary>
    /// <returns>Their address, their client, and what the link of the mail that they got holds.</returns>
    public async Task<(string Email, ApiClient Client, string Token)> Register(string? email = null)
    {
        using var anonymous = Anonymous();
        email ??= $"{Guid.NewGuid():N}@example.com";
        var answer = (await anonymous.Post("/api/auth/register", new { email, password = Password }, From(OwnAddress))).Is(201);
        return (email, new ApiClient(Address, answer.Text("access_token")), await NextToken(email, "/api/auth/verify"));
    }

    /// <summary>The address that the tests' users sign in from.</summary>
    public const string OwnAddress = "198.51.100.1";

    /// <summary>The header of a request from an address.</summary>
    public static (string, string) From(string address) => ("X-Forwarded-For", address);

    /// <summary>What the link of the next mail holds, which must be to this address and lead to this page.</summary>
    public async Task<string> NextToken(string email, string page)
    {
        var mail = await Mail.Next();
        Assert.Equal([email], mail.To);
        return TokenOf(mail, page);
    }

    /// <summary>What the link of a mail holds that leads to a page.</summary>
    public static string TokenOf(ReceivedMail mail, string page)
    {
        var parts = mail.Message.TextBody!.Split($"https://todo.example.com{page}?token=");
        Assert.True(parts.Length == 2, mail.Message.TextBody);
        return parts[1].Split('\r', '\n')[0];
    }

    /// <summary>The HTML form of a page, sent as a browser does.</summary>
    public static Task<ApiAnswer> Submit(ApiClient client, string path, params (string Name, string Value)[] fields) =>
        client.Send(HttpMethod.Post, path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    /// <inheritdoc/>
    protected override void Configure(HostApplicationOptions options)
    {
        Mail.Configure(options);
        options.Settings["RateLimits:TrustedProxies"] = "1";
    }
}
