using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>A test of one process with the services of events, over a database of its own with one user.</summary>
/// <param name="clock">Its clock; the system's where null.</param>
public abstract class EventTest(TimeProvider? clock = null) : IAsyncLifetime
{
    protected TestDatabase Database { get; private set; } = null!;

    protected EventServices Services { get; private set; } = null!;

    protected Guid User { get; private set; }

    /// <summary>A task with every field that a client can set.</summary>
    protected static TaskEdit Everything => new()
    {
        Title = "a",
        Description = "b",
        Priority = TaskPriority.High,
        Tags = new[] { "c", "d" },
        TimeZone = "Europe/Berlin",
        Recurrence = "daily",
        RecurrenceBasis = RecurrenceBasis.Completion,
        ReminderOffset = "15 minutes",
        DueDate = DueDate.TryParse("2099-03-09T19:00:00+01:00", out var due) ? due : null,
    };

    public async Task InitializeAsync()
    {
        Database = await TestPostgres.RentDatabase();
        Services = await EventServices.Start(Database, clock: clock);
        User = await Services.AddUser();
    }

    public async Task DisposeAsync()
    {
        await Services.DisposeAsync();
        await Database.DisposeAsync();
    }
}
