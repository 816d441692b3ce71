using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Health;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Kafka;
using TodoFlow.Tests.Integration.Transports;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Kafka;

/// <summary>Brokers that refuse: health and the warning name the cause, not that they "cannot be reached".</summary>
public sealed class RefusedTests : TransportTest
{
    private readonly LogLines _log = new();

    protected override string Topic => "task-events";

    protected override IEnumerable<(string Name, string Value)> Settings => [("Events:Transport", "kafka"), ("Kafka:CreateTopics", "false")];

    [Fact]
    public async Task A_wrong_password_is_called_that()
    {
        await using var broker = RefusingBroker.OfPasswords();
        await Says(
            "Authentication failed for the user todoflow.", broker.Address, ("Kafka:SecurityProtocol", "SASL_PLAINTEXT"), ("Kafka:SaslMechanism", "PLAIN"),
            ("Kafka:Username", "todoflow"), ("Kafka:Password", "not the right one"));
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_called_that()
    {
        await using var broker = RefusingBroker.WithoutTrust();
        await Says("The broker's certificate is not trusted (Kafka:SslCaLocation), or it refuses the client's.", broker.Address, ("Kafka:SecurityProtocol", "SSL"));
    }

    [Fact]
    public async Task A_topic_that_is_not_authorised_is_named()
    {
        using var kafka = KafkaCluster.StartMock();
        foreach (var topic in new[] { Topics.TaskEvents, Topics.TaskUpdates, Topics.Reminders }.SelectMany(topic => new[] { topic, topic + Topics.DeadLetterSuffix }))
        {
            await kafka.AddTopic(topic);
        }

        kafka.Refuse(Topics.TaskEvents, ErrorCode.TopicAuthorizationFailed);

        await Says("A topic is not authorised for clients without credentials. It is task-events.", kafka.Brokers);
    }

    [Fact]
    public async Task The_host_s_help_lists_the_causes_with_the_settings_to_look_at()
    {
        using var process = HostProcess.Start(["--help"], new Dictionary<string, string>());
        var (exitCode, help, _) = await process.Exited();

        Assert.Equal(0, exitCode);
        Assert.All(BrokerErrors.Kinds, kind => Assert.Contains($"  {kind.Said} ({kind.LookAt})\n", help, StringComparison.Ordinal));
    }

    protected override Task Send(params (string Key, string Value)[] records) => throw new NotSupportedException();

    protected override void Configure(HostApplicationOptions options) => options.ConfigureLogging = logging => logging.ClearProviders().AddProvider(_log);

    private async Task Says(string cause, string brokers, params (string Name, string Value)[] settings)
    {
        var host = await StartHost("a", null, [typeof(TakeSingle)], [("Kafka:Brokers", brokers), .. settings]);
        var health = host.Services.GetRequiredService<KafkaHealth>();
        using var patience = new CancellationTokenSource(Patience);
        HealthCheckResult said;
        do
        {
            said = await health.CheckHealthAsync(new HealthCheckContext(), patience.Token);
        }
        while (said.Description != cause && !patience.IsCancellationRequested);
        Assert.Equal((HealthStatus.Unhealthy, cause), (said.Status, said.Description));

        string warning;
        do
        {
            warning = await _log.Next(LogLevel.Warning);
        }
        while (!warning.Contains(cause.Split(". It is")[0], StringComparison.Ordinal));
        Assert.Contains($"Kafka at {brokers} cannot be used", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("not the right one", warning, StringComparison.Ordinal);
    }
}
