using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Messaging.DueWork;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>Registers the database.</summary>
public static class PersistenceSetup
{
    /// <summary>The name of the connection string.</summary>
    public const string ConnectionName = "TodoFlow";

    // A search among millions of tasks looks dear to PostgreSQL, which does not know how many have the words: it would compile the statement
    // for longer than it runs.
    private const string Session = "set jit = off";

    // A statement of a request is planned once a connection, for any values: PostgreSQL plans it anew with each call where it expects less of that,
    // as it does of lists while few users have tasks, and that takes longer than a page. What it plans is what the tests of plans see.
    private const string RequestSession = Session + "; set plan_cache_mode = force_generic_plan";

    /// <summary>
    /// Registers two pools of connections, of which one is kept free for background work (<see cref="BackgroundAttribute"/>), the pooled
    /// contexts over each, and the migrator.
    /// </summary>
    /// <exception cref="OptionsValidationException">No connection string is set; thrown when the database is first asked for.</exception>
    public static IServiceCollection AddTodoFlowPersistence(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<DatabaseSettings>(configuration);
        services.AddSingleton(provider =>
        {
            var limits = provider.GetRequiredService<IOptions<DatabaseSettings>>().Value;
            var settings = Read(configuration);
            settings.MaxPoolSize -= limits.BackgroundOf(settings.MaxPoolSize);
            return Build(provider, "todoflow", RequestSession, settings, limits.RequestTimeout);
        });
        services.AddKeyedSingleton(BackgroundAttribute.Pool, (provider, _) =>
        {
            var limits = provider.GetRequiredService<IOptions<DatabaseSettings>>().Value;
            var settings = Read(configuration);
            settings.MaxPoolSize = limits.BackgroundOf(settings.MaxPoolSize);
            return Build(provider, "todoflow-background", Session, settings, limits.BackgroundTimeout);
        });
        services.AddPooledDbContextFactory<TodoFlowDb>((provider, options) => Configure(options, provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddKeyedSingleton<IDbContextFactory<TodoFlowDb>, BackgroundContexts>(BackgroundAttribute.Pool);
        services.AddScoped<UnitOfWork>();
        services.AddScoped<Maintenance>();
        services.AddSingleton<UnitOfWorkFactory>();
        services.AddSingleton<CommitListeners>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Migrator>();
        services.AddSingleton<SchemaState>();
        services.AddSingleton<DiskSpace>();
        services.AddSingleton<DatabaseFaults>();
        return services;
    }

    /// <summary>How contexts reach the database, and by which names.</summary>
    internal static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, NpgsqlDataSource database) => options
        .UseNpgsql(database, npgsql => npgsql.MigrationsHistoryTable(SchemaState.History))
        .UseSnakeCaseNamingConvention()
        // Migrations are written by hand, without the snapshot that this warning compares; a test holds model and schema together.
        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));

    private static NpgsqlConnectionStringBuilder Read(IConfiguration configuration)
    {
        var text = configuration.GetConnectionString(ConnectionName);
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new OptionsValidationException(ConnectionName, typeof(NpgsqlDataSource), [$"ConnectionStrings:{ConnectionName} is not set."]);
        }

        var settings = Parse(text);
        if (settings.MaxPoolSize < DatabaseSettings.FewestConnections)
        {
            throw new OptionsValidationException(
                ConnectionName, typeof(NpgsqlDataSource), [$"Maximum Pool Size of ConnectionStrings:{ConnectionName} must be at least {DatabaseSettings.FewestConnections}."]);
        }

        settings.ApplicationName = "todoflow";
        if (!Says(text, "Max Auto Prepare"))
        {
            settings.MaxAutoPrepare = 100; // set it to 0 behind a pooler that gives each transaction another server
        }

        if (!Says(text, "No Reset On Close"))
        {
            settings.NoResetOnClose = true; // what is set belongs to a transaction, who listens or locks ends it; forgetting it was seven statements a request
        }

        return settings;
    }

    /// <param name="provider">The services.</param>
    /// <param name="name">What metrics call the pool.</param>
    /// <param name="session">What each new connection is told.</param>
    /// <param name="settings">The pool's settings.</param>
    /// <param name="timeout">How long a statement may take that says nothing else; the server is told to end it.</param>
    private static NpgsqlDataSource Build(IServiceProvider provider, string name, string session, NpgsqlConnectionStringBuilder settings, TimeSpan timeout)
    {
        settings.CommandTimeout = DatabaseSettings.Seconds(timeout);
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, settings.MaxPoolSize);
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }
            .UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>())
            .EnableDynamicJson()
            .ConfigureTypeLoading(types => types.EnableTypeLoading(false)) // PostgreSQL's own types do; to ask for others costs it 40 ms a pool
            .UsePhysicalConnectionInitializer(
                connection =>
                {
                    using var command = new NpgsqlCommand(session, connection);
                    command.ExecuteNonQuery();
                },
                async connection =>
                {
                    await using var command = new NpgsqlCommand(session, connection);
                    await command.ExecuteNonQueryAsync();
                })
            .Build();
    }

    // Npgsql's own builder says of each keyword that it knows that it is there.
    private static bool Says(string text, string keyword)
    {
        var written = new DbConnectionStringBuilder { ConnectionString = text };
        return written.ContainsKey(keyword) || written.ContainsKey(keyword.Replace(" ", ""));
    }

    private static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text);
        }
        catch (ArgumentException) // its message may quote the password
        {
            throw new OptionsValidationException(
                ConnectionName, typeof(NpgsqlDataSource), [$"ConnectionStrings:{ConnectionName} is not a connection string of Npgsql: Host=...;Database=...;Username=..."]);
        }
    }
}
