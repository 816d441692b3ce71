using Confluent.Kafka;
using TodoFlow.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TodoFlow.Tests.Integration.Transports;

/// <summary>
/// The whole pipeline under SIGKILL: tasks are created, changed and completed over HTTP by many clients while the host's process is
/// killed and started again, over and over. The random numbers that a failed run prints can be given back to it by
/// <c>TODOFLOW_TEST_SEED</c>.
/// </summary>
public abstract class CrashTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Clients = 16;
    private const int Tasks = 2000;
    private const int Changes = 3; // create, change, complete
    private const int Kills = 10;
    private const int RecurringEach = 5;

    private readonly int _port = FreePort.Find();
    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("TODOFLOW_TEST_SEED"), out var seed) ? seed : Random.Shared.Next();
    private TestDatabase _database = null!;
    private HostProcess _process = null!;
    private volatile TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource _reached = new();
    private volatile int _moment = int.MaxValue;
    private int _changes;

    public virtual async Task InitializeAsync() => _database = await TestPostgres.CreateDatabase();

    public virtual async Task DisposeAsync()
    {
        _process.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Every_change_takes_every_effect_once_and_in_order_though_the_host_is_killed_ten_times()
    {
        output.WriteLine($"TODOFLOW_TEST_SEED={_seed}");
        var random = new Random(_seed);
        await StartProcess();
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(SignUp));

        // Moments are counted in changes, so that each kill finds work in flight.
        var moments = new Queue<int>(Enumerable.Range(0, Kills).Select(_ => random.Next(Tasks * Changes)).Order());
        var working = clients.Select((client, number) => Work(client, new Random(_seed + number + 1))).ToList();
        var all = Task.WhenAll(working);
        while (moments.TryDequeue(out var moment))
        {
            await Task.WhenAny(Reached(moment), all);
            await Disturb(random);
            _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _process.Dispose(); // SIGKILL
            await StartProcess();
        }

        await all;
        await EndDisturbance();
        await Drained();

        Assert.Equal((long)Tasks, await _database.Scalar<long>("select count(*) from task_item where parent_task_id is null and status = 1"));

        // Each version of each task was announced, and recorded, exactly once.
        Assert.Equal(0L, await _database.Scalar<long>(
            """
            select count(*) from task_item as task where not exists (
                select from audit_entry as entry where entry.task_id = task.id
                having array_agg(entry.task_version order by entry.task_version) = array(select generate_series(1, task.version)))
            """));
        Assert.Equal(
            await _database.Scalar<long>("select sum(version)::bigint from task_item"), await _database.Scalar<long>("select count(*) from audit_entry"));

        // A later version was never handled before an earlier one.
        Assert.Equal(0L, await _database.Scalar<long>(
            """
            select count(*) from (
                select consumed_at < lag(consumed_at) over (partition by task_id order by task_version) as inverted
                from audit_entry join inbox using (event_id) where group_name = 'todoflow-audit') as t
            where inverted
            """));

        // Each completed recurring task has exactly one successor, and no other task has any.
        Assert.Equal(Tasks / RecurringEach, await _database.Scalar<long>("select count(*) from task_item where parent_task_id is not null"));
        Assert.Equal(0L, await _database.Scalar<long>(
            """
            select count(*) from task_item as task where parent_task_id is null
            and (select count(*) from task_item where parent_task_id = task.id) <> case when task.recurrence is null then 0 else 1 end
            """));
        Assert.Equal(0L, await _database.Scalar<long>("select count(*) from dead_letter"));
    }

    /// <summary>The settings of the transport.</summary>
    protected abstract IEnumerable<(string Name, string Value)> Settings { get; }

    /// <summary>Does something else to the pipeline, just before a kill.</summary>
    protected virtual Task Disturb(Random random) => Task.CompletedTask;

    /// <summary>Lets everything work again.</summary>
    protected virtual Task EndDisturbance() => Task.CompletedTask;

    private async Task StartProcess()
    {
        var settings = new Dictionary<string, string>
        {
            ["ConnectionStrings:TodoFlow"] = _database.ConnectionString,
            ["Auth:SigningKeys:0:Id"] = "test",
            ["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more",
            ["RateLimits:RequestsPerSecond"] = "100000",
            ["RateLimits:SignInsPerMinute"] = "100000",
            ["Logging:LogLevel:Default"] = "Warning",
            ["Logging:LogLevel:TodoFlow.Host"] = "Information",
        };
        foreach (var (name, value) in Settings)
        {
            settings[name] = value;
        }

        _process = HostProcess.Start(["serve", "--urls", $"http://127.0.0.1:{_port}"], settings);
        while (await _process.ReadLine() is { } line)
        {
            if (line.Contains("Serving", StringComparison.Ordinal))
            {
                _ = _process.Exited(); // reads on, or the process would wait for a reader
                _up.TrySetResult();
                return;
            }
        }

        Assert.Fail((await _process.Exited()).Errors);
    }

    private async Task<ApiClient> SignUp(int number)
    {
        using var anonymous = new ApiClient(new Uri($"http://127.0.0.1:{_port}"), null);
        var answer = await anonymous.Post("/api/auth/register", new { email = $"user{number}@example.com", password = "correct horse battery" });
        return new ApiClient(new Uri($"http://127.0.0.1:{_port}"), answer.Is(201).Text("access_token"));
    }

    private async Task Work(ApiClient client, Random random)
    {
        for (var number = 0; number < Tasks / Clients; number++)
        {
            var id = Guid.CreateVersion7();
            object task = number % RecurringEach == 0
                ? new { id, title = $"task {random.Next()}", due_date = "2026-12-01", recurrence = "daily" }
                : new { id, title = $"task {random.Next()}" };
            var title = $"changed {random.Next()}";
            await Until(201, () => client.Post("/api/tasks", task, ("Idempotency-Key", $"{id}")));
            await Until(200, () => client.Put($"/api/tasks/{id}", new { title }));
            await Until(200, () => client.Post($"/api/tasks/{id}/complete"));
        }

        client.Dispose();
    }

    /// <summary>Sends a request until it is answered: what became of one that the kill cut off, nobody knows, so it is sent again.</summary>
    private async Task Until(int status, Func<Task<ApiAnswer>> send)
    {
        while (true)
        {
            await _up.Task;
            try
            {
                var answer = await send();
                if (answer.Status is 409 or 503 && answer.Status != status)
                {
                    continue; // its first try is still being undone by the database
                }

                answer.Is(status);
                if (Interlocked.Increment(ref _changes) >= _moment)
                {
                    _reached.TrySetResult();
                }

                return;
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                await Task.Yield();
            }
        }
    }

    private Task Reached(int changes)
    {
        _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _moment = changes;
        if (Volatile.Read(ref _changes) >= changes)
        {
            _reached.TrySetResult();
        }

        return _reached.Task;
    }

    private async Task Drained()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await _database.Scalar<bool>(
            $"""
            select (select count(*) from task_item where parent_task_id is not null) >= {Tasks / RecurringEach}
                and (select count(*) from audit_entry) >= (select sum(version) from task_item)
            """))
        {
            if (patience.IsCancellationRequested)
            {
                var left = await _database.Scalar<string>(
                    """
                    select format('%s successors, %s of %s changes recorded, %s events unpublished, %s dead letters; not read by the audit: %s',
                        (select count(*) from task_item where parent_task_id is not null), (select count(*) from audit_entry),
                        (select sum(version) from task_item), (select count(*) from outbox where published_at is null),
                        (select count(*) from dead_letter),
                        (select string_agg(format('%s in shard %s', position, shard), ', ') from outbox where topic = 'task-events'
                            and not exists (select from inbox where event_id = outbox.event_id and group_name = 'todoflow-audit')))
                    """);
                Assert.Fail($"The pipeline does not drain: {left}.");
            }

            await Task.Delay(100, CancellationToken.None); // asking without a pause would take a core from what drains
        }
    }
}

[Collection(LongestFirst.Collection)] // one after the other: each uses the whole machine
public sealed class PostgresCrashTests(ITestOutputHelper output) : CrashTests(output)
{
    protected override IEnumerable<(string Name, string Value)> Settings => [("Events:Transport", "postgres")];
}

[Collection(LongestFirst.Collection)]
public sealed class KafkaCrashTests(ITestOutputHelper output) : CrashTests(output), IDisposable
{
    private readonly KafkaCluster _kafka = KafkaCluster.StartMock();

    protected override IEnumerable<(string Name, string Value)> Settings =>
    [
        ("Events:Transport", "kafka"),
        ("Kafka:Brokers", _kafka.Brokers),
        ("Kafka:CreateTopics", "false"),
        ("Kafka:Consumer:FetchWaitMaxMs", "10"),
        ("Kafka:Consumer:HeartbeatIntervalMs", "200"),
        ("AzureFunctionsJobHost:extensions:kafka:sessionTimeoutMs", "2000"),
    ];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var topic in new[] { "task-events", "task-updates", "reminders" })
        {
            await _kafka.AddTopic(topic);
            await _kafka.AddTopic($"{topic}.dead-letter");
        }
    }

    public void Dispose() => _kafka.Dispose();

    protected override Task Disturb(Random random)
    {
        _kafka.Up();
        switch (random.Next(4))
        {
            case 0:
                _kafka.Down(); // until the next kill
                break;
            case 1:
                _kafka.Down(random.Next(KafkaCluster.BrokerCount) + 1);
                break;
            case 2:
                _kafka.HangUpOnNext(KafkaRequest.Produce, 10);
                break;
            default:
                _kafka.FailNext(KafkaRequest.Fetch, [.. Enumerable.Repeat(ErrorCode.NotLeaderForPartition, 10)]);
                break;
        }

        return Task.CompletedTask;
    }

    protected override Task EndDisturbance()
    {
        _kafka.Up();
        return Task.CompletedTask;
    }
}
