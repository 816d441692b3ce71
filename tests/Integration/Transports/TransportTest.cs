using TodoFlow.Host;
using TodoFlow.Host.Realtime;
using TodoFlow.Infrastructure;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Realtime;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Transports;

/// <summary>A test of hosts that are fed by a transport: of functions that report what they receive.</summary>
public abstract class TransportTest : IAsyncLifetime
{
    private readonly List<HostApplication> _hosts = [];

    protected TestDatabase Database { get; private set; } = null!;

    protected Observed<Delivery> Deliveries { get; } = new();

    public virtual async Task InitializeAsync() => Database = await TestPostgres.CreateDatabase();

    public virtual async Task DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            await host.DisposeAsync();
        }

        await Database.DisposeAsync();
    }

    /// <summary>Starts a host that reads everything, and waits until it does.</summary>
    protected async Task<HostApplication> StartBroadcast(string name)
    {
        var host = await StartHost(name, null, [typeof(TakeForAll)], ("Realtime:SigningKey", "a signing key of the tests, 32 bytes and more"));
        await host.Services.GetRequiredService<HubGate>().Opened.WaitAsync(Patience);
        return host;
    }

    /// <summary>How long a test waits in vain.</summary>
    protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    /// <summary>The topic's name in the trigger.</summary>
    protected abstract string Topic { get; }

    /// <summary>The settings of the transport.</summary>
    protected abstract IEnumerable<(string Name, string Value)> Settings { get; }

    /// <summary>Publishes records to the topic, in this order.</summary>
    protected abstract Task Send(params (string Key, string Value)[] records);

    protected Task<HostApplication> StartHost(params Type[] functions) => StartHost("a", null, functions);

    protected Task<HostApplication> StartHost(string name, Func<Delivery, CancellationToken, Task>? act, params Type[] functions) =>
        StartHost(name, act, functions, []);

    protected async Task<HostApplication> StartHost(
        string name, Func<Delivery, CancellationToken, Task>? act, IEnumerable<Type> functions, params (string Name, string Value)[] settings)
    {
        var host = await TestHost.Start(functions, configure: options =>
        {
            options.Settings["ConnectionStrings:TodoFlow"] = Database.ConnectionString;
            options.Settings["Auth:SigningKeys:0:Id"] = "test";
            options.Settings["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more";
            foreach (var (key, value) in Settings.Concat(settings))
            {
                options.Settings[key] = value;
            }

            options.AddServices = (services, configuration) => services
                .AddSingleton(TimeProvider.System)
                .AddSingleton(new Receiver(name, Deliveries, act))
                .AddTodoFlowPersistence(configuration)
                .AddTodoFlowEvents(configuration)
                .AddTodoFlowAccounts(configuration)
                .AddTodoFlowRealtime(configuration);
            Configure(options);
        });
        _hosts.Add(host);
        return host;
    }

    /// <summary>Changes the hosts of a derived class.</summary>
    protected virtual void Configure(HostApplicationOptions options)
    {
    }

    protected async Task<Delivery> Next(Func<Delivery, bool> wanted)
    {
        while (true)
        {
            var delivery = await Deliveries.Next();
            if (wanted(delivery))
            {
                return delivery;
            }
        }
    }

    protected async Task<List<Delivery>> Take(int records)
    {
        var taken = new List<Delivery>();
        while (taken.Sum(delivery => delivery.Records.Count) < records)
        {
            taken.Add(await Deliveries.Next());
        }

        return taken;
    }

    /// <summary>Records of ten keys; the values count up.</summary>
    protected static IEnumerable<(string Key, string Value)> Numbered(int count) =>
        Enumerable.Range(0, count).Select(number => ($"key-{number % 10}", $"{number}"));
}
