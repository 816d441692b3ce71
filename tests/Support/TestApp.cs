using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Accounts;
using TodoFlow.Host;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>
/// The whole application for one test class: the standalone host in this process, on a port of its own, over a database of its own.
/// Use it as a class fixture; derive from it to change settings.
/// </summary>
public class TestApp : IAsyncLifetime
{
    // Each test has users of its own, and hashing their passwords in earnest costs as much as all of its other requests.
    private static readonly PasswordHasher<User> QuickHasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 1 }));

    private HostApplication? _host;
    private byte[]? _occurrenceKey;
    private int _users;

    /// <summary>The database.</summary>
    public TestDatabase Database { get; private set; } = null!;

    /// <summary>Where the host listens.</summary>
    public virtual Uri Address => Host.Address;

    /// <summary>The methods and routes that the host serves.</summary>
    public virtual IEnumerable<(string Method, string Route)> Routes =>
        from function in Host.Services.GetRequiredService<FunctionCatalog>().Functions
        let trigger = function.Trigger as HttpTrigger
        where trigger is not null
        from method in trigger.Methods
        select (method, trigger.Route);

    /// <summary>The id that an occurrence of a series gets, where no other task has it.</summary>
    public Guid OccurrenceId(Guid series, int occurrence) =>
        Domain.Recurrence.OccurrenceId.For(_occurrenceKey ??= ReadOccurrenceKey(), series, occurrence);

    private byte[] ReadOccurrenceKey()
    {
        using var command = Database.Source.CreateCommand("select key from occurrence_key");
        return (byte[])command.ExecuteScalar()!;
    }

    /// <summary>The host.</summary>
    public HostApplication Host => _host ?? throw new InvalidOperationException("The host is not started.");

    /// <summary>Takes what the host logs, and checks it at the end.</summary>
    protected LogAudit Logs { get; } = new();

    /// <summary>The host's clock; real unless a derived class says otherwise.</summary>
    protected virtual TimeProvider Clock => TimeProvider.System;

    /// <inheritdoc/>
    public virtual async Task InitializeAsync()
    {
        Database = await TestPostgres.CreateDatabase();
        await StartHost();
    }

    /// <inheritdoc/>
    public virtual async Task DisposeAsync()
    {
        await StopHost();
        await EventContract.HoldsFor(Database); // whatever the tests of the class made the host announce
        await Database.DisposeAsync();
        Logs.Check();
    }

    /// <summary>Starts a host on the database, with settings that a derived class may change.</summary>
    public virtual async Task StartHost()
    {
        _host = HostApplication.Build(options =>
        {
            Prepare(options);
            var logging = options.ConfigureLogging;
            options.ConfigureLogging = builder =>
            {
                logging?.Invoke(builder);
                builder.AddProvider(Logs).AddFilter<LogAudit>("TodoFlow", LogLevel.Debug);
            };
        });
        await _host.StartAsync();
    }

    /// <summary>Stops the host as SIGTERM would.</summary>
    public virtual async Task StopHost()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            await _host.DisposeAsync();
            _host = null;
        }
    }

    /// <summary>Starts another host on the same database, as a process of its own would be. The caller stops it.</summary>
    public async Task<TestApp> StartAnother()
    {
        var other = Another();
        other.Database = Database;
        await other.StartHost();
        return other;
    }

    /// <summary>An application with the same settings.</summary>
    protected virtual TestApp Another() => new();

    /// <summary>A client that is not signed in.</summary>
    public ApiClient Anonymous() => new(Address, null);

    /// <summary>A new user's client.</summary>
    public async Task<ApiClient> SignUp(string? timeZone = null)
    {
        using var anonymous = Anonymous();
        var number = Interlocked.Increment(ref _users).ToString(CultureInfo.InvariantCulture);
        var answer = await anonymous.Post("/api/auth/register", new
        {
            email = $"user{number}.{Stopwatch.GetTimestamp()}@example.com",
            password = "correct horse battery",
            time_zone = timeZone ?? "UTC",
        });
        return new ApiClient(Address, answer.Is(201).Text("access_token"));
    }

    /// <summary>The settings of a test, and then those of the derived class.</summary>
    protected void Prepare(HostApplicationOptions options)
    {
        options.Clock = Clock;
        options.Settings["urls"] = "http://127.0.0.1:0";
        options.Settings["ConnectionStrings:TodoFlow"] = Database.ConnectionString;
        options.Settings["Auth:SigningKeys:0:Id"] = "test";
        options.Settings["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more";
        options.Settings["Auth:PasswordIterations"] = "100000"; // the fewest, for what runs in a process of its own
        options.Settings["RateLimits:RequestsPerSecond"] = "100000";
        options.Settings["RateLimits:SignInsPerMinute"] = "100000";
        options.Settings["Concurrency:QueuedPerUser"] = "100000";
        options.Settings["Concurrency:Queued"] = "100000";
        options.Settings["Events:Transport"] = "postgres";
        options.ConfigureLogging = logging => logging.ClearProviders();
        options.AddServices += static (services, _) => services.Replace(ServiceDescriptor.Singleton<IPasswordHasher<User>>(QuickHasher));
        Configure(options);
    }

    /// <summary>Changes the settings of a derived class's host.</summary>
    protected virtual void Configure(HostApplicationOptions options)
    {
    }
}
