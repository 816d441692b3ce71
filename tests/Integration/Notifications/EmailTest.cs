using TodoFlow.Domain.Notifications;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

/// <summary>Tests of mail to a server of somebody else's, the package SmtpServer.</summary>
public abstract class EmailTest : IAsyncLifetime
{
    protected TestDatabase Database { get; private set; } = null!;

    protected FakeClock Clock { get; } = new(DateTimeOffset.UtcNow); // certificates are judged by the system's

    public async Task InitializeAsync() => Database = await TestPostgres.RentDatabase();

    public async Task DisposeAsync() => await Database.DisposeAsync();

    protected static Task<Guid> Mailed(NotificationServices process, string address) =>
        process.AddUser(preference => preference.Channels = [Channels.Email], email: address);

    protected Task<NotificationServices> Start(MailServer server, params (string Name, string Value)[] settings) => Start(server.Port, settings);

    protected Task<NotificationServices> Start(int port, params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string>
        {
            ["Email:Host"] = "localhost",
            ["Email:Port"] = $"{port}",
            ["Email:Security"] = "none",
            ["Email:From"] = "\"TodoFlow, täglich\" <reminders@example.com>",
            ["Email:PublicUrl"] = "https://todo.example.com",
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return NotificationServices.Start(Database, Clock, [], [.. all.Select(setting => (setting.Key, setting.Value))]);
    }
}
