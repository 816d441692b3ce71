using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Tasks;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>SIGTERM in the middle of everything, as at each deployment: clients send without pause, and Kafka holds a full backlog.</summary>
public sealed class StopTests : IAsyncLifetime, IDisposable
{
    private const int Clients = 8;
    private const int Backlog = 7_000; // the mock cluster forgets what is beyond 5 MB of a partition
    private const int Partitions = 3;

    private readonly KafkaCluster _kafka = KafkaCluster.StartMock();
    private readonly ConcurrentBag<Guid> _answered = [];
    private TestDatabase _database = null!;

    public async Task InitializeAsync()
    {
        _database = await TestPostgres.CreateDatabase();
        foreach (var topic in new[] { Topics.TaskEvents, Topics.TaskUpdates, Topics.Reminders })
        {
            await _kafka.AddTopic(topic, Partitions);
            await _kafka.AddTopic(topic + Topics.DeadLetterSuffix, Partitions);
        }
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    public void Dispose() => _kafka.Dispose();

    [Fact]
    public async Task After_SIGTERM_under_load_every_accepted_request_is_answered_and_every_offset_committed()
    {
        var announced = await Announced();
        using var host = await PublishedHost.Start(["serve", "--urls", "http://127.0.0.1:0"], new Dictionary<string, string>
        {
            ["ConnectionStrings:TodoFlow"] = _database.ConnectionString,
            ["Auth:SigningKeys:0:Id"] = "test",
            ["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more",
            ["RateLimits:RequestsPerSecond"] = "100000",
            ["Events:Transport"] = "kafka",
            ["Kafka:Brokers"] = _kafka.Brokers,
            ["Kafka:CreateTopics"] = "false",
            ["Kafka:Consumer:FetchWaitMaxMs"] = "10",
            ["AzureFunctionsJobHost:extensions:kafka:maxBatchSize"] = "8", // the backlog shall last
            ["AzureFunctionsJobHost:functions:0"] = "RegisterUser",
            ["AzureFunctionsJobHost:functions:1"] = "CreateTask",
            ["AzureFunctionsJobHost:functions:2"] = "RelayOutbox",

            // One function of each group: the mock cluster, unlike a broker, takes no commit while another member leaves.
            ["AzureFunctionsJobHost:functions:3"] = "RecordAudit",
            ["AzureFunctionsJobHost:functions:4"] = "CreateNextOccurrence",
        });
        var address = await host.Serves();
        var exited = host.Exited();
        using var anonymous = new ApiClient(address, null);
        var token = (await anonymous.Post("/api/auth/register", new { email = "ada@example.com", password = "correct horse battery" })).Is(201).Text("access_token");
        var load = Enumerable.Range(0, Clients).Select(_ => Load(new ApiClient(address, token))).ToList();
        await Until("select count(*) > 20 from task_item");
        Fill(announced);
        await Until("select count(*) > 200 from inbox");

        host.Terminate();
        var (exitCode, output, errors) = await exited; // it waits at most as long as its settings say, which the chart's grace period exceeds
        await Task.WhenAll(load);

        Assert.True(exitCode == 0, errors + output[^Math.Min(2000, output.Length)..]);

        // What was accepted took effect and was answered. A connection that was closed before its request was read is none.
        Assert.Equal((await _database.Column<Guid>("select id from task_item")).Order(), _answered.Order());

        // What took effect is committed, to the record, in the midst of the backlog.
        foreach (var group in new[] { "todoflow-audit", "todoflow-recurrence" })
        {
            var consumed = await _database.Scalar<long>($"select count(*) from inbox where group_name = '{group}'");
            Assert.InRange(consumed, 1, Backlog - 1);

            // Of the clients' new tasks the recurrence remembers nothing: they do not concern it.
            var passedOver = group == "todoflow-audit" ? 0 : _answered.Count;
            Assert.InRange(Committed(group), consumed, consumed + passedOver);
        }
    }

    /// <summary>A completion as the application announces it, which concerns both groups; the task and its user are gone.</summary>
    private async Task<(string Payload, Guid EventId, Guid TaskId)> Announced()
    {
        await using var services = await EventServices.Start(_database, _kafka.Brokers);
        var daily = new TaskEdit { Title = "a", DueDate = DueDate.On(new DateOnly(2026, 3, 1)), TimeZone = "UTC", Recurrence = "daily" };
        var task = await services.AddTask(await services.AddUser(), daily);
        await services.Change(task.Id, stored => stored.Complete(DateTimeOffset.UtcNow));
        await services.Sweep();
        var payload = (await services.Records())[^1].Value!;
        await _database.Execute("delete from app_user");
        Assert.True(Event.TryRead(payload, out var read, out _));
        Assert.Equal(TaskCompleted.EventType, read.Type);
        return (Encoding.UTF8.GetString(payload), read.Id, task.Id);
    }

    /// <summary>Fills the topic with copies of it, each of a task of its own.</summary>
    private void Fill((string Payload, Guid EventId, Guid TaskId) announced)
    {
        using var producer = new ProducerBuilder<byte[], string>(new ProducerConfig { BootstrapServers = _kafka.Brokers, LingerMs = 50, QueueBufferingMaxMessages = Backlog }).Build();
        for (var i = 0; i < Backlog; i++)
        {
            var task = Guid.CreateVersion7();
            producer.Produce(Topics.TaskEvents, new Message<byte[], string>
            {
                Key = Encoding.UTF8.GetBytes($"{task}"),
                Value = announced.Payload.Replace($"{announced.EventId}", $"{Guid.CreateVersion7()}", StringComparison.Ordinal).Replace($"{announced.TaskId}", $"{task}", StringComparison.Ordinal),
            });
        }

        producer.Flush(TimeSpan.FromMinutes(1));
    }

    private async Task Load(ApiClient client)
    {
        using (client)
        {
            while (true)
            {
                try
                {
                    _answered.Add((await client.Post("/api/tasks", new { title = "a" })).Is(201).Id);
                }
                catch (Exception error) when (error is HttpRequestException or IOException)
                {
                    return; // nobody listens any more
                }
            }
        }
    }

    private long Committed(string group)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = _kafka.Brokers, GroupId = group }).Build();
        return consumer.Committed(Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(Topics.TaskEvents, partition)), TimeSpan.FromSeconds(30))
            .Sum(place => place.Offset == Offset.Unset ? 0 : place.Offset.Value);
    }

    private Task Until(string condition) => Eventually.Holds(_database, condition, TimeSpan.FromMinutes(2));
}
