using Testcontainers.Kafka;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.RealKafka;

/// <summary>The application with a broker of Apache Kafka's own, in a container.</summary>
public sealed class KafkaApp : TestApp
{
    private readonly KafkaContainer _kafka = new KafkaBuilder().WithImage("confluentinc/cp-kafka:7.9.1").Build();

    /// <summary>The broker's address.</summary>
    public string Brokers => $"{_kafka.Hostname}:{_kafka.GetMappedPublicPort(KafkaBuilder.KafkaPort)}";

    /// <inheritdoc/>
    public override async Task InitializeAsync()
    {
        await _kafka.StartAsync();
        await base.InitializeAsync();
    }

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _kafka.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Configure(HostApplicationOptions options)
    {
        options.Settings["Events:Transport"] = "kafka";
        options.Settings["Kafka:Brokers"] = Brokers;
        options.Settings["Kafka:TopicReplication"] = "1";
    }
}

/// <summary>What the mock cluster of the other tests cannot show: that a real broker takes all of it.</summary>
public sealed class RealKafkaTests(KafkaApp app) : IClassFixture<KafkaApp>
{
    [Fact]
    public async Task The_next_occurrence_follows_and_the_history_is_kept_though_the_host_restarts_in_between()
    {
        using var client = await app.SignUp();
        var first = (await client.Post("/api/tasks", new { title = "a", due_date = "2030-01-31", recurrence = "monthly" })).Is(201);
        (await client.Post($"/api/tasks/{first.Id}/complete")).Is(200);
        await Until($"select count(*) = 1 from task_item where parent_task_id = '{first.Id}'");
        await Until($"select count(*) = 2 from audit_entry where task_id = '{first.Id}'");

        await app.StopHost(); // commits its offsets and leaves its groups
        await app.StartHost();
        using var again = new ApiClient(app.Address, client.Token);
        var second = (await again.Post("/api/tasks", new { title = "b", due_date = "2030-01-31", recurrence = "daily" })).Is(201);
        (await again.Post($"/api/tasks/{second.Id}/complete")).Is(200);
        await Until($"select count(*) = 1 from task_item where parent_task_id = '{second.Id}'");

        Assert.Equal("healthy", (await again.Get("/health/ready")).Is(200).Json["parts"]!["kafka"]!["status"]!.GetValue<string>());
        Assert.Equal(0L, await app.Database.Scalar<long>("select count(*) from dead_letter"));
    }

    private Task Until(string condition) => Eventually.Holds(app.Database, condition);
}
