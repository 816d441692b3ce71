using TodoFlow.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TodoFlow.Tests.Integration.Reminders;

/// <summary>
/// Two hosts share thousands of reminders while one of them, chosen at random, is killed (SIGKILL) and started again, over and over.
/// The random numbers that a failed run prints can be given back to it by <c>TODOFLOW_TEST_SEED</c>.
/// </summary>
public sealed class ReminderCrashTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Reminders = 5000;
    private const int Kills = 6;
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(10);

    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("TODOFLOW_TEST_SEED"), out var given) ? given : Random.Shared.Next();
    private readonly HostProcess?[] _hosts = new HostProcess?[2];
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestPostgres.CreateDatabase();

    public async Task DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            host?.Dispose();
        }

        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Each_fires_once_and_none_early_though_hosts_are_killed_while_they_fall_due()
    {
        output.WriteLine($"TODOFLOW_TEST_SEED={_seed}");
        var random = new Random(_seed);
        await Task.WhenAll(Start(0), Start(1));
        var user = Guid.CreateVersion7();
        await _database.Execute(
            $"insert into app_user (id, email, normalized_email, password_hash, time_zone, created_at) values ('{user}', 'a@example.com', 'a@example.com', '-', 'UTC', now())");
        await ReminderSeed.Add(_database.Source, user, Reminders, DateTimeOffset.UtcNow.AddSeconds(2), Span);

        // Moments are counted in reminders, so that each kill finds some on their way.
        foreach (var moment in Enumerable.Range(0, Kills).Select(_ => random.Next(Reminders)).Order().ToList())
        {
            await Until($"select count(*) from reminder where fired_at is not null", moment);
            var victim = random.Next(_hosts.Length);
            _hosts[victim]!.Dispose(); // SIGKILL
            await Start(victim);
        }

        await Until("select count(distinct event_id) from audit_entry where event_type = 'reminder.due.v1'", Reminders);

        Assert.Equal((long)Reminders, await _database.Scalar<long>("select count(*) from reminder where fired_at is not null and due_at is null"));
        Assert.Equal(0L, await _database.Scalar<long>("select count(*) from reminder where fired_at < remind_at"));
        Assert.Equal(0L, await _database.Scalar<long>("select count(*) from outbox where topic = 'reminders' and published_at is null"));
        Assert.Equal(
            (Reminders, Reminders),
            ((int)await _database.Scalar<long>("select count(*) from outbox where topic = 'reminders'"),
             (int)await _database.Scalar<long>(
                "select count(distinct convert_from(payload, 'UTF8')::jsonb->'data'->>'reminder_id') from outbox join reminder on due_event_id = event_id")));
        Assert.Equal((long)Reminders, await _database.Scalar<long>("select count(*) from audit_entry"));
        var lateness = await _database.Scalar<double>("select extract(epoch from max(fired_at - remind_at))::float8 from reminder");
        output.WriteLine($"The latest fired {lateness:0.000} s after its instant.");
    }

    private async Task Start(int index)
    {
        var settings = new Dictionary<string, string>
        {
            ["ConnectionStrings:TodoFlow"] = _database.ConnectionString,
            ["Auth:SigningKeys:0:Id"] = "test",
            ["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more",
            ["Events:Transport"] = "postgres",
            ["Logging:LogLevel:Default"] = "Warning",
            ["Logging:LogLevel:TodoFlow.Host"] = "Information",
            ["AzureFunctionsJobHost:functions:0"] = "FireReminders",
            ["AzureFunctionsJobHost:functions:1"] = "RelayOutbox",
            ["AzureFunctionsJobHost:functions:2"] = "RecordReminderAudit",
        };
        var host = _hosts[index] = HostProcess.Start(["serve", "--urls", "http://127.0.0.1:0"], settings);
        while (await host.ReadLine() is { } line)
        {
            if (line.Contains("Serving", StringComparison.Ordinal))
            {
                _ = host.Exited(); // reads on, or the process would wait for a reader
                return;
            }
        }

        Assert.Fail((await host.Exited()).Errors);
    }

    private Task Until(string count, long wanted) => Eventually.Holds(_database, $"select ({count}) >= {wanted}");
}
