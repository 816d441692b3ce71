using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Tests.Support;

/// <summary>The services of persistence and events on a database of their own, without a host: what one process of several runs.</summary>
public class EventServices : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    /// <summary>Makes the services; nothing runs yet.</summary>
    /// <param name="database">Its database.</param>
    /// <param name="brokers">Kafka's, or null for the log in PostgreSQL.</param>
    /// <param name="clock">Its clock; the system's where null.</param>
    /// <param name="settings">More settings.</param>
    /// <param name="add">Adds more services.</param>
    protected EventServices(
        TestDatabase database, string? brokers, TimeProvider? clock, IEnumerable<(string Name, string Value)> settings, Action<IServiceCollection, IConfiguration>? add = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
            [
                new("ConnectionStrings:TodoFlow", database.ConnectionString),
                new("Events:Transport", brokers is null ? "postgres" : "kafka"),
                new("Kafka:Brokers", brokers),
                .. settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)),
            ])
            .Build();
        var collection = new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddSingleton(clock ?? TimeProvider.System)
            .AddSingleton(database)
            .AddTodoFlowPersistence(configuration)
            .AddTodoFlowEvents(configuration);
        add?.Invoke(collection, configuration);
        _services = collection.BuildServiceProvider();
    }

    /// <summary>The relay.</summary>
    public OutboxRelay Relay => Get<OutboxRelay>();

    /// <summary>What runs: the relay.</summary>
    protected virtual IHostedService Running => Relay;

    /// <summary>The time of its clock.</summary>
    protected DateTimeOffset Now => Get<TimeProvider>().GetUtcNow();

    /// <summary>Any other service.</summary>
    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Starts a process: its relay runs.</summary>
    /// <param name="database">Its database.</param>
    /// <param name="brokers">Kafka's, or null for the log in PostgreSQL.</param>
    /// <param name="clock">Its clock; the system's where null.</param>
    /// <param name="settings">More settings.</param>
    public static async Task<EventServices> Start(
        TestDatabase database, string? brokers = null, TimeProvider? clock = null, params (string Name, string Value)[] settings)
    {
        var started = new EventServices(database, brokers, clock, settings);
        await started.Running.StartAsync(CancellationToken.None);
        return started;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Running.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A unit of work.</summary>
    public TodoFlowDb OpenDb() => _services.GetRequiredService<IDbContextFactory<TodoFlowDb>>().CreateDbContext();

    /// <summary>Publishes what waits.</summary>
    public Task Sweep() => Relay.Sweep(TimeSpan.FromMinutes(1), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));

    /// <summary>Adds a user, with preferences where they are given.</summary>
    public async Task<Guid> AddUser(Action<NotificationPreference>? prefer = null, string timeZone = "UTC", string? email = null)
    {
        await using var db = OpenDb();
        var id = Guid.CreateVersion7();
        db.Add(new User { Id = id, Email = email ?? $"{id}@example.com", NormalizedEmail = $"{id}@example.com", PasswordHash = "-", TimeZone = timeZone, CreatedAt = Now, EmailVerifiedAt = Now });
        if (prefer is not null)
        {
            var preference = NotificationPreference.DefaultOf(id);
            prefer(preference);
            db.Add(preference);
        }

        await db.SaveChangesAsync();
        return id;
    }

    /// <summary>A change that has begun no transaction.</summary>
    public UnitOfWork NewWork() => new(Get<IDbContextFactory<TodoFlowDb>>(), Get<NpgsqlDataSource>(), Get<CommitListeners>());

    /// <summary>A change that is not committed yet.</summary>
    public Task<UnitOfWork> Begin() => Get<UnitOfWorkFactory>().Begin(CancellationToken.None);

    /// <summary>Adds a task, with its event and its reminder.</summary>
    public async Task<TaskItem> AddTask(Guid user, TaskEdit? edit = null, Guid? id = null)
    {
        await using var work = await Begin();
        var task = work.AddTask(user, edit, id, Now);
        await work.Commit(CancellationToken.None);
        return task;
    }

    /// <summary>Changes a task, and raises the event.</summary>
    public async Task<TaskItem> Change(Guid id, Func<TaskItem, TaskEvent?> change)
    {
        await using var work = await Begin();
        var task = await work.ChangeTask(id, change);
        await work.Commit(CancellationToken.None);
        return task;
    }

    /// <summary>What a transport would deliver of a topic, in the order of writing.</summary>
    public static async Task<IReadOnlyList<EventRecord>> Records(TestDatabase database, string topic = Topics.TaskEvents)
    {
        await using var command = database.Source.CreateCommand(
            $"select key, shard, position, payload from {OutboxEvent.Table} where topic = '{topic}' order by position");
        await using var rows = await command.ExecuteReaderAsync();
        var records = new List<EventRecord>();
        while (await rows.ReadAsync())
        {
            records.Add(new EventRecord(topic, rows.GetInt16(1), rows.GetInt64(2), Encoding.UTF8.GetBytes(rows.GetString(0)), rows.GetFieldValue<byte[]>(3), []));
        }

        return records;
    }

    /// <summary>What a transport would deliver of a topic from this process' database.</summary>
    public Task<IReadOnlyList<EventRecord>> Records(string topic = Topics.TaskEvents) => Records(Get<TestDatabase>(), topic);
}
