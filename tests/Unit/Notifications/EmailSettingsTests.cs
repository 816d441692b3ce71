using TodoFlow.Infrastructure.Notifications.Email;
using Xunit;

namespace TodoFlow.Tests.Unit.Notifications;

public class EmailSettingsTests
{
    [Fact]
    public void Without_a_host_nothing_is_asked_for() => Assert.Empty(new EmailSettings { Security = "?" }.Check());

    [Fact]
    public void A_host_and_a_sender_are_enough() => Assert.Empty(Valid().Check());

    [Fact]
    public void What_is_wrong_is_named()
    {
        Wrong("Email:Host", settings => settings.Host = "mail server");
        Wrong("Email:Port", settings => settings.Port = 0);
        Wrong("Email:Security", settings => settings.Security = "ssl");
        Wrong("Email:From", settings => settings.From = null);
        Wrong("Email:From", settings => settings.From = "reminders");
        Wrong("Email:From", settings => settings.From = "reminders@example.com\r\nBcc: eve@example.com");
        Wrong("Email:From", settings => settings.From = "grüße@example.com");
        Wrong("Email:PublicUrl", settings => settings.PublicUrl = null);
        Wrong("Email:PublicUrl", settings => settings.PublicUrl = new("/relative", UriKind.Relative));
        Wrong("Email:PublicUrl", settings => settings.PublicUrl = new("ftp://todo.example.com"));
        Wrong("Email:PublicUrl", settings => settings.PublicUrl = new("https://todo.example.com/?a=b"));
        Wrong("Email:MailsPerHour", settings => settings.MailsPerHour = 0);
        Wrong("Email:MailsPerHour", settings => settings.MailsPerDay = settings.MailsPerHour - 1);
        Wrong("Email:User", settings => settings.User = "todoflow");
        Wrong("Email:User", settings => settings.Password = "secret");
        Wrong("Email:User", settings => (settings.User, settings.Password, settings.Security) = ("todoflow", "secret", "none"));
        Wrong("Email:SslCaLocation", settings => settings.SslCaLocation = "/nowhere/ca.pem");
    }

    private static EmailSettings Valid() => new() { Host = "mail.example.com", From = "TodoFlow <reminders@example.com>", PublicUrl = new Uri("https://todo.example.com/prefix") };

    private static void Wrong(string setting, Action<EmailSettings> change)
    {
        var settings = Valid();
        change(settings);
        Assert.StartsWith(setting, Assert.Single(settings.Check()), StringComparison.Ordinal);
    }
}
