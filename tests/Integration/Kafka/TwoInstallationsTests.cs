using Confluent.Kafka;
using TodoFlow.Host;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Kafka;

/// <summary>Two installations with databases, topics and groups of their own on one cluster.</summary>
public sealed class TwoInstallationsTests : IAsyncLifetime
{
    private readonly KafkaCluster _kafka = KafkaCluster.StartMock();
    private readonly Installation _staging;
    private readonly Installation _production;

    public TwoInstallationsTests()
    {
        _staging = new Installation(_kafka, "staging.");
        _production = new Installation(_kafka, "production.");
    }

    public async Task InitializeAsync()
    {
        await _staging.InitializeAsync();
        await _production.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _staging.DisposeAsync();
        await _production.DisposeAsync();
        _kafka.Dispose();
    }

    [Fact]
    public async Task Each_works_as_if_it_were_alone_also_while_the_other_restarts()
    {
        await Task.WhenAll(Works(_staging), Works(_production));

        await _staging.StopHost();
        await Works(_production);
        await _staging.StartHost();
        await Works(_staging);

        foreach (var (installation, other) in new[] { (_staging, _production), (_production, _staging) })
        {
            Assert.True(Committed(installation.Prefix + "recurrence", installation.Topic(Topics.TaskEvents)));
            Assert.True(Committed(installation.Prefix + "audit", installation.Topic(Topics.TaskEvents)));
            Assert.True(Committed(installation.Prefix + "audit.reminders", installation.Topic(Topics.Reminders)));
            Assert.False(Committed(installation.Prefix + "audit", installation.Topic(Topics.Reminders)));
            Assert.False(Committed(installation.Prefix + "recurrence", other.Topic(Topics.TaskEvents)));
            Assert.False(Committed("todoflow-recurrence", installation.Topic(Topics.TaskEvents)));
        }
    }

    // A recurring task, its next occurrence, its history and that of a reminder: every group but one has read.
    private static async Task Works(Installation installation)
    {
        using var client = await installation.SignUp();
        var task = (await client.Post("/api/tasks", new { title = "a", due_date = "2030-01-31", recurrence = "monthly" })).Is(201);
        (await client.Post("/api/reminders", new { task_id = task.Id, remind_at = DateTimeOffset.UtcNow.AddDays(1).ToString("O") })).Is(201);
        (await client.Post($"/api/tasks/{task.Id}/complete")).Is(200);

        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await installation.Database.Scalar<bool>(
            $"""
            select (select count(*) from task_item where parent_task_id = '{task.Id}') = 1
                and exists (select from audit_entry where task_id = '{task.Id}' and event_type like 'task.completed%')
                and exists (select from audit_entry where task_id = '{task.Id}' and event_type like 'reminder.scheduled%')
            """))
        {
            await looks.WaitForNextTickAsync(patience.Token);
        }
    }

    private bool Committed(string group, string topic)
    {
        using var reader = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = _kafka.Brokers, GroupId = group, EnableAutoCommit = false }).SetLogHandler((_, _) => { }).Build();
        return reader.Committed(Enumerable.Range(0, 3).Select(partition => new TopicPartition(topic, partition)), TimeSpan.FromSeconds(30)).Any(place => place.Offset >= 0);
    }

    private sealed class Installation(KafkaCluster kafka, string prefix) : TestApp
    {
        public string Prefix => prefix;

        public string Topic(string name) => prefix + name;

        public override async Task InitializeAsync()
        {
            foreach (var topic in new[] { Topics.TaskEvents, Topics.TaskUpdates, Topics.Reminders })
            {
                await kafka.AddTopic(Topic(topic));
                await kafka.AddTopic(Topic(topic) + Topics.DeadLetterSuffix);
            }

            await base.InitializeAsync();
        }

        protected override void Configure(HostApplicationOptions options)
        {
            options.Settings["Events:Transport"] = "kafka";
            options.Settings["Kafka:Brokers"] = kafka.Brokers;
            options.Settings["Kafka:CreateTopics"] = "false";
            options.Settings["Kafka:GroupPrefix"] = prefix;
            options.Settings["Kafka:Topics:TaskEvents"] = Topic(Topics.TaskEvents);
            options.Settings["Kafka:Topics:TaskUpdates"] = Topic(Topics.TaskUpdates);
            options.Settings["Kafka:Topics:Reminders"] = Topic(Topics.Reminders);
            options.Settings["Kafka:Consumer:FetchWaitMaxMs"] = "10"; // the mock answers an empty fetch only then
            options.Settings["Kafka:Consumer:HeartbeatIntervalMs"] = "200";
            options.Settings["AzureFunctionsJobHost:extensions:kafka:sessionTimeoutMs"] = "2000"; // the mock rebalances a second sooner than this
        }
    }
}
