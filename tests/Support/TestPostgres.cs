using System.Collections.Concurrent;
using Npgsql;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Tests.Support;

/// <summary>
/// The PostgreSQL server of this run, named by <c>TODOFLOW_TEST_POSTGRES</c> (./todoflow test starts one). The schema is migrated
/// once into a template; each database that a test class asks for is a clone of it, in a tenth of a second.
/// </summary>
public static class TestPostgres
{
    private static readonly Lazy<Task<string>> Template = new(CreateTemplate);
    private static readonly Lazy<Task<DatabaseReset>> Reset = new(LearnReset);
    private static readonly ConcurrentBag<TestDatabase> Rentable = [];
    private static readonly Lazy<NpgsqlDataSource> Administration = new(() => NpgsqlDataSource.Create(Server));

    /// <summary>The server, as its superuser.</summary>
    public static string Server =>
        Environment.GetEnvironmentVariable("TODOFLOW_TEST_POSTGRES")
        ?? throw new InvalidOperationException("TODOFLOW_TEST_POSTGRES names no server. Run ./todoflow test, which starts one.");

    /// <summary>Clones the migrated template.</summary>
    public static async Task<TestDatabase> CreateDatabase() => await TestDatabase.Create(await Template.Value);

    /// <summary>
    /// A database as <see cref="CreateDatabase"/> makes it, for one test: an earlier test may have had it, and it was emptied. Making one and
    /// dropping it costs more than most tests that want one for themselves.
    /// </summary>
    public static async Task<TestDatabase> RentDatabase() =>
        Rentable.TryTake(out var emptied) ? emptied : await TestDatabase.Create(await Template.Value, await Reset.Value, Rentable);

    /// <summary>Makes a database without tables.</summary>
    public static Task<TestDatabase> CreateEmptyDatabase() => TestDatabase.Create("template1");

    /// <summary>The services of the persistence layer on a database.</summary>
    public static ServiceProvider Services(string connectionString) => new ServiceCollection()
        .AddLogging()
        .AddTodoFlowPersistence(new ConfigurationBuilder()
            .AddInMemoryCollection([new("ConnectionStrings:TodoFlow", connectionString)])
            .Build())
        .BuildServiceProvider();

    /// <summary>Runs SQL on the server's own database.</summary>
    internal static async Task Execute(string sql)
    {
        await using var command = Administration.Value.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> CreateTemplate()
    {
        var database = await CreateEmptyDatabase();
        await using (var services = Services(database.ConnectionString))
        {
            await services.GetRequiredService<Migrator>().Migrate(CancellationToken.None);
        }

        // A template must have no session, and stays until the server is thrown away or the next run of this process id.
        await Execute($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database.Name}'");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => DropAll([database.Name, .. Rentable.Select(emptied => emptied.Name)]).GetAwaiter().GetResult();
        return database.Name;
    }

    private static async Task<DatabaseReset> LearnReset()
    {
        await using var fresh = await CreateDatabase();
        return await DatabaseReset.Learn(fresh);
    }

    private static async Task DropAll(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            await Execute($"drop database if exists {name} with (force)");
        }
    }
}

/// <summary>A database of one test class, or of one test: dropped after it, or emptied for another.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static int _count;

    private readonly DatabaseReset? _reset;
    private readonly ConcurrentBag<TestDatabase>? _rentable;

    private TestDatabase(string name, DatabaseReset? reset, ConcurrentBag<TestDatabase>? rentable)
    {
        (Name, _reset, _rentable) = (name, reset, rentable);
        var settings = new NpgsqlConnectionStringBuilder(TestPostgres.Server) { Database = name, MaxPoolSize = 16 };
        ConnectionString = settings.ConnectionString;
        settings.ApplicationName = DatabaseReset.OwnName;
        Source = new NpgsqlDataSourceBuilder(settings.ConnectionString)
            .ConfigureTypeLoading(types => types.EnableTypeLoading(false)) // as the hosts have it
            .Build();
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>How a host reaches it.</summary>
    public string ConnectionString { get; }

    /// <summary>For the test's own looks into it.</summary>
    public NpgsqlDataSource Source { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_reset is not null && await _reset.Empty(this))
        {
            _rentable!.Add(this);
            return;
        }

        await Source.DisposeAsync();
        await TestPostgres.Execute($"drop database if exists {Name} with (force)");
    }

    /// <summary>Runs a statement.</summary>
    public async Task<int> Execute(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        command.CommandTimeout = 120;
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        command.CommandTimeout = 120;
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The first column of every row.</summary>
    public async Task<List<T>> Column<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync();
        var values = new List<T>();
        while (await rows.ReadAsync())
        {
            values.Add(rows.GetFieldValue<T>(0));
        }

        return values;
    }

    /// <summary>Returns when a session of this database waits for a lock: then the one that holds it may go on.</summary>
    /// <param name="statement">With a statement like this one.</param>
    public Task UntilSomebodyWaitsForALock(string statement = "%") => Eventually.Holds(
        this, $"select exists (select from pg_stat_activity where datname = '{Name}' and wait_event_type = 'Lock' and query like '{statement}')");

    /// <summary>Returns when a session waits for this one, and not for another: where background work runs, that has locks to wait for, too.</summary>
    public Task UntilSomebodyWaitsFor(NpgsqlConnection holder) => Eventually.Holds(
        this, $"select exists (select from pg_stat_activity where datname = '{Name}' and {holder.ProcessID} = any(pg_blocking_pids(pid)))");

    internal static async Task<TestDatabase> Create(string template, DatabaseReset? reset = null, ConcurrentBag<TestDatabase>? rentable = null)
    {
        var name = $"todoflow_{Environment.ProcessId}_{Interlocked.Increment(ref _count)}";
        await TestPostgres.Execute($"drop database if exists {name} with (force)");
        await TestPostgres.Execute($"create database {name} template {template} strategy file_copy"); // writes no log of its pages
        return new TestDatabase(name, reset, rentable);
    }
}
