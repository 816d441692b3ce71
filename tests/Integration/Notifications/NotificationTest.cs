using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

/// <summary>A test of one process that notifies and delivers, over a database, a clock and a mail channel of the test's own.</summary>
public abstract class NotificationTest(FakeClock clock) : IAsyncLifetime
{
    protected FakeClock Clock => clock;

    protected ScriptedChannel Email { get; } = new();

    protected TestDatabase Database { get; private set; } = null!;

    protected NotificationServices Process { get; private set; } = null!;

    public virtual Task InitializeAsync() => Start([Email]);

    protected async Task Start(IReadOnlyList<INotificationChannel> channels)
    {
        Database = await TestPostgres.RentDatabase();
        Process = await NotificationServices.Start(Database, Clock, channels);
    }

    public async Task DisposeAsync()
    {
        await Process.DisposeAsync();
        await EventContract.HoldsFor(Database);
        await Database.DisposeAsync();
    }
}
