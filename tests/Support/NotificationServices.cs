using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Tests.Support;

/// <summary>The services of notifications over a database, without a host: what one process of several runs. A test fires reminders and delivers their events itself.</summary>
public sealed class NotificationServices : EventServices
{
    private NotificationServices(
        TestDatabase database, TimeProvider clock, IEnumerable<INotificationChannel> channels, IEnumerable<(string Name, string Value)> settings)
        : base(database, null, clock, settings, (services, configuration) =>
        {
            services.AddScoped<Caller>().AddTodoFlowNotifications(configuration);
            foreach (var channel in channels)
            {
                services.AddSingleton(channel);
            }
        })
    {
    }

    /// <summary>The queues of deliveries.</summary>
    public DeliveryQueues Queues => Get<DeliveryQueues>();

    /// <inheritdoc/>
    protected override IHostedService Running => Queues;

    /// <summary>Starts a process with channels of the test's own.</summary>
    public static async Task<NotificationServices> Start(
        TestDatabase database, TimeProvider clock, IEnumerable<INotificationChannel> channels, params (string Name, string Value)[] settings)
    {
        var started = new NotificationServices(database, clock, channels, settings);
        await started.Queues.StartAsync(CancellationToken.None);
        return started;
    }

    /// <summary>Changes a user's preferences as the API does.</summary>
    public async Task Prefer(Guid user, Action<NotificationPreference> change)
    {
        using var scope = Get<IServiceScopeFactory>().CreateScope();
        scope.ServiceProvider.GetRequiredService<Caller>().SignIn(user, "UTC");
        await scope.ServiceProvider.GetRequiredService<PreferenceStore>().Change(change, CancellationToken.None);
    }

    /// <summary>Fires a reminder now: its row and its event.</summary>
    public async Task<Reminder> Fire(Guid user, string title = "Buy milk", DueDate? due = null, bool late = false)
    {
        await using var db = OpenDb();
        var (task, _) = TaskItem.Create(Guid.CreateVersion7(), user, new TaskEdit { Title = title, DueDate = due, TimeZone = "UTC" }, null, Now);
        var reminder = new Reminder
        {
            Id = Guid.CreateVersion7(),
            TaskId = task.Id,
            UserId = user,
            RemindAt = late ? Now.AddHours(-1) : Now,
            ReminderOffset = null,
            OfTask = false,
            FiredAt = Now,
            Late = late,
            CreatedAt = Now.AddDays(-1),
            UpdatedAt = Now,
        };
        var made = OutboxEvent.Of(new ReminderDue(reminder, TaskResponse.From(task), Now)).Single();
        reminder.DueEventId = made.EventId;
        db.Add(reminder);
        db.Add(task);
        db.Add(made);
        await db.SaveChangesAsync();
        return reminder;
    }

    /// <summary>Delivers every event about reminders to the notifier.</summary>
    public async Task Notify() => await Get<Inbox>().Deliver(Get<ReminderNotifier>(), await Records(Topics.Reminders), CancellationToken.None);

    /// <summary>Tries everything that is due now.</summary>
    public async Task Deliver()
    {
        do
        {
            await Queues.Sweep(TimeSpan.FromMinutes(1), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));
            await Queues.WhenIdle().WaitAsync(TimeSpan.FromMinutes(2));
        }
        while (await IsAnyDue());
    }

    /// <summary>A reminder as it is stored.</summary>
    public async Task<Reminder> Stored(Reminder reminder)
    {
        await using var db = OpenDb();
        return await db.Reminders.AsNoTracking().SingleAsync(stored => stored.Id == reminder.Id);
    }

    /// <summary>The deliveries of a reminder, by channel.</summary>
    public async Task<Dictionary<string, Delivery>> DeliveriesOf(Reminder reminder)
    {
        await using var db = OpenDb();
        return await (
            from delivery in db.Deliveries.AsNoTracking()
            join notification in db.Notifications on delivery.NotificationId equals notification.Id
            where notification.ReminderId == reminder.Id
            select delivery).ToDictionaryAsync(delivery => delivery.Channel);
    }

    /// <summary>A reminder's trace, in words.</summary>
    public async Task<List<string>> Trace(Reminder reminder)
    {
        var steps = await Get<ReminderTrace>().Read(reminder.UserId, reminder.Id, CancellationToken.None);
        return [.. steps.Select(step => string.Join(' ', new[] { step.Step, step.Channel, step.Attempt?.ToString(), step.Outcome, step.Reason }.Where(word => word is not null)))];
    }

    /// <summary>The types of the events about a reminder so far.</summary>
    public async Task<List<string>> Events(Reminder reminder)
    {
        var types = new List<string>();
        foreach (var record in await Records(Topics.Reminders))
        {
            if (Event.TryRead(record.Value, out var read, out _) && read.Data is ReminderEventData data && data.ReminderId == reminder.Id)
            {
                types.Add(string.Join(' ', new[] { read.Type, data.Channel, data.Reason }.Where(word => word is not null)));
            }
        }

        return types;
    }

    private async Task<bool> IsAnyDue()
    {
        await using var db = OpenDb();
        var now = Now;
        return await db.Deliveries.AnyAsync(delivery => delivery.DueAt <= now);
    }
}

/// <summary>A channel that does what a test says, and remembers what it was asked to send.</summary>
public sealed class ScriptedChannel(string name = Channels.Email) : INotificationChannel
{
    private readonly ConcurrentQueue<Func<DeliveryMessage, CancellationToken, Task<DeliveryOutcome>>> _script = new();

    /// <inheritdoc/>
    public string Name => name;

    /// <summary>What it was asked to send, in order.</summary>
    public ConcurrentQueue<DeliveryMessage> Messages { get; } = new();

    /// <summary>Whom it cannot reach.</summary>
    public HashSet<Guid> Unreachable { get; } = [];

    /// <summary>What the next messages get; afterwards everything is sent.</summary>
    public void Answer(params DeliveryOutcome[] outcomes)
    {
        foreach (var outcome in outcomes)
        {
            _script.Enqueue((_, _) => Task.FromResult(outcome));
        }
    }

    /// <summary>What the next message does.</summary>
    public void Answer(Func<DeliveryMessage, CancellationToken, Task<DeliveryOutcome>> act) => _script.Enqueue(act);

    /// <inheritdoc/>
    public Task<IReadOnlySet<Guid>> FindReachable(TodoFlowDb db, IReadOnlyCollection<Guid> users, CancellationToken ct) =>
        Task.FromResult<IReadOnlySet<Guid>>(users.Except(Unreachable).ToHashSet());

    /// <inheritdoc/>
    public Task<DeliveryOutcome> Send(DeliveryMessage message, CancellationToken ct)
    {
        Messages.Enqueue(message);
        return _script.TryDequeue(out var act) ? act(message, ct) : Task.FromResult(DeliveryOutcome.Sent);
    }
}
