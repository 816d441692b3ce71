using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using NSubstitute;
using TodoFlow.Host;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using TodoFlow.Host.Kafka;
using TodoFlow.Messaging.Kafka;
using TodoFlow.Tests.Integration.Realtime;

namespace TodoFlow.Tests.Support;

/// <summary>An application in which everything has happened that dashboards and alerts are about.</summary>
public sealed class ExercisedApp : MeasuredApp
{
    private HubDevice? _device;
    private ConsumerHealth? _consumers;

    /// <inheritdoc/>
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        using var alice = await SignUp();
        _device = await RealtimeApp.Connect(alice);
        var task = (await alice.Post("/api/tasks", new { title = "exercised", due_date = "2099-01-01", recurrence = "daily" })).Is(201);
        var other = (await alice.Post("/api/tasks", new { title = "to be reminded of" })).Is(201); // a task that is completed reminds nobody
        (await alice.Post("/api/reminders", new { task_id = other.Id, remind_at = DateTimeOffset.UtcNow.AddSeconds(2).ToString("O") })).Is(201);
        (await alice.Get("/api/tasks")).Is(200);
        (await alice.Post("/api/chat", new { message = "What can you do?" })).Is(200);
        ReadOverKafka();
        await Until(metrics => metrics.Names.IsSupersetOf(["todoflow_event_delay_seconds_count", "todoflow_realtime_messages_total"]));

        // A record that no version can read is parked.
        await Database.Execute(
            $"insert into outbox (event_id, topic, key, shard, payload, created_at) values ('{Guid.CreateVersion7()}', 'task-events', 'unreadable', 3, 'no event', now())");
        await Until(metrics => metrics.Names.Contains("todoflow_dead_letters_parked_total"));

        await FailOnce(async () => (await alice.Post($"/api/tasks/{task.Id}/complete")).Is(200));
        await Until(metrics => metrics.Names.Contains("todoflow_function_retries_total"));
        await Until(metrics => metrics.Names.IsSupersetOf(["todoflow_reminder_lateness_seconds_count", "todoflow_reminders_notified_total", "todoflow_deliveries_total"]));
    }

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        if (_device is not null)
        {
            await _device.DisposeAsync();
        }

        _consumers?.Dispose();
        await Database.Execute("delete from outbox where key = 'unreadable'"); // it is no event, and the contract of events is checked
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Configure(HostApplicationOptions options)
    {
        base.Configure(options);
        options.Settings["Database:BackgroundTimeout"] = "00:00:05";
    }

    // What only a host with brokers measures.
    private void ReadOverKafka()
    {
        _consumers = new ConsumerHealth(
            Substitute.For<IAdminClient>(), Options.Create(new KafkaSettings()), Host.Services.GetRequiredService<IMeterFactory>(), TimeProvider.System, NullLogger<ConsumerHealth>.Instance);
        _consumers.Runs(Host.Services.GetRequiredService<FunctionCatalog>().Functions.First(function => function.Trigger is KafkaTrigger), partitions: 1);
    }

    // What consumers remember is locked: their statement times out, and is tried again.
    private async Task FailOnce(Func<Task> cause)
    {
        await using var connection = await Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand("lock table inbox in access exclusive mode", connection);
        await hold.ExecuteNonQueryAsync();
        await cause();
        await Until(metrics => metrics.Names.Contains("todoflow_function_failures_total"));
        await transaction.RollbackAsync();
    }

    private Task Until(Func<ScrapedMetrics, bool> happened) => Eventually.Holds(async () => happened(await Scrape()));
}
