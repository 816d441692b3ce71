using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using TodoFlow.Host.Kafka;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Kafka;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Host;

/// <summary>How consumers are set up, and which topics are created, without any broker.</summary>
public sealed class KafkaConsumerTests
{
    private const string Shared = "shared:9092";

    private static readonly KafkaSettings Kafka = new()
    {
        Brokers = Shared,
        SecurityProtocol = "SASL_SSL",
        SaslMechanism = "SCRAM-SHA-256",
        Username = "todoflow",
        Password = "swordfish",
    };

    private readonly IAdminClient _admin = Substitute.For<IAdminClient>();

    [Fact]
    public void A_consumer_of_the_shared_brokers_uses_the_shared_credentials()
    {
        var config = Config(typeof(Plain), Shared);
        Assert.Equal((Shared, SecurityProtocol.SaslSsl, "todoflow", "swordfish"),
            (config.BootstrapServers, config.SecurityProtocol, config.SaslUsername, config.SaslPassword));
    }

    [Fact]
    public void The_shared_credentials_go_to_no_other_brokers()
    {
        var config = Config(typeof(Plain), "other:9092");
        Assert.Equal("other:9092", config.BootstrapServers);
        Assert.Null(config.SaslUsername);
        Assert.Null(config.SaslPassword);
    }

    [Fact]
    public void What_the_trigger_says_wins()
    {
        var config = Config(typeof(Secured), Shared);
        Assert.Equal((SecurityProtocol.SaslPlaintext, SaslMechanism.OAuthBearer, "reader"), (config.SecurityProtocol, config.SaslMechanism, config.SaslUsername));
    }

    [Theory]
    [InlineData(BrokerAuthenticationMode.Gssapi)]
    [InlineData(BrokerAuthenticationMode.Plain)]
    [InlineData(BrokerAuthenticationMode.ScramSha256)]
    [InlineData(BrokerAuthenticationMode.ScramSha512)]
    [InlineData(BrokerAuthenticationMode.OAuthBearer)]
    public void Every_mechanism_of_the_trigger_is_one_of_the_library(BrokerAuthenticationMode mode) =>
        Assert.True(Enum.TryParse<SaslMechanism>(mode.ToString(), ignoreCase: true, out _));

    [Fact]
    public void What_commits_depend_on_cannot_be_set()
    {
        var config = Config(
            typeof(Plain), Shared, ("Kafka:Consumer:FetchMaxBytes", "1000000"), ("Kafka:Consumer:EnableAutoOffsetStore", "true"),
            ("Kafka:Consumer:EnableAutoCommit", "false"), ("Kafka:Consumer:GroupId", "theirs"));
        Assert.Equal((1_000_000, false, true, "group"), (config.FetchMaxBytes, config.EnableAutoOffsetStore, config.EnableAutoCommit, config.GroupId));
    }

    [Theory]
    [InlineData(null, 6000, 2000)]
    [InlineData("9000", 9000, 3000)]
    public void A_session_lasts_six_seconds_unless_told_otherwise_and_three_heartbeats(string? setting, int session, int heartbeat)
    {
        var config = Config(typeof(Plain), Shared, ("AzureFunctionsJobHost:extensions:kafka:sessionTimeoutMs", setting!));
        Assert.Equal((session, heartbeat, PartitionAssignmentStrategy.CooperativeSticky), (config.SessionTimeoutMs, config.HeartbeatIntervalMs, config.PartitionAssignmentStrategy));
    }

    [Fact]
    public void Where_brokers_assign_partitions_nothing_is_set_that_the_protocol_refuses()
    {
        var config = Config(typeof(Plain), Shared, ("Kafka:Consumer:GroupProtocol", "Consumer"));
        Assert.Equal((GroupProtocol.Consumer, null, null, null), (config.GroupProtocol, config.SessionTimeoutMs, config.HeartbeatIntervalMs, config.PartitionAssignmentStrategy));
    }

    [Fact]
    public void A_value_that_is_not_of_its_propertys_type_is_refused_by_name()
    {
        var error = Assert.Throws<HostStartException>(() => Config(typeof(Plain), Shared, ("Kafka:Consumer:FetchMaxBytes", "many")));
        Assert.Contains("Kafka:Consumer:FetchMaxBytes", error.Message);
    }

    [Theory]
    [InlineData("POD_NAME", "todoflow-2", "todoflow-2-Plain")]
    [InlineData("POD_NAME", "todoflow-6d5f8b7c9-x2kqp", null)]
    [InlineData("POD_NAME", "todoflow-6d5f8b7c9-24567", null)]
    [InlineData("Kafka:InstanceId", "one", "one-Plain")]
    public void Only_a_name_that_comes_back_makes_a_static_member(string setting, string name, string? member) =>
        Assert.Equal(member, Config(typeof(Plain), Shared, (setting, name)).GroupInstanceId);

    [Theory]
    [InlineData("AzureFunctionsJobHost:extensions:kafka:maxBatchSize", "0")]
    [InlineData("AzureFunctionsJobHost:extensions:kafka:autoOffsetReset", "middle")]
    [InlineData("Kafka:CreateTopics", "perhaps")]
    [InlineData("Kafka:TopicPartitions", "three")]
    [InlineData("Kafka:TopicReplication", "0")]
    public void A_wrong_setting_is_named(string setting, string value)
    {
        var error = Assert.Throws<HostStartException>(() => ConsumerSettings.Read(Configuration((setting, value))));
        Assert.Contains($"'{setting}' is '{value}'", error.Message);
    }

    [Fact]
    public async Task Topics_that_are_missing_are_created_and_others_left_alone()
    {
        Existing("task-events", "task-updates", "task-updates.dead-letter", "reminders", "reminders.dead-letter");
        await Create(("Kafka:TopicPartitions", "6"), ("Kafka:TopicReplication", "2"));

        var created = _admin.ReceivedCalls().Where(call => call.GetMethodInfo().Name == nameof(IAdminClient.CreateTopicsAsync))
            .SelectMany(call => (IEnumerable<TopicSpecification>)call.GetArguments()[0]!);
        Assert.Equal(
            [("read", 6, (short)2), ("read.dead-letter", 6, (short)2), ("task-events.dead-letter", 6, (short)2)],
            created.Select(topic => (topic.Name, topic.NumPartitions, topic.ReplicationFactor)).Order());
    }

    [Fact]
    public async Task Nothing_is_created_where_the_settings_forbid_it()
    {
        Existing();
        await Create(("Kafka:CreateTopics", "false"));
        await _admin.DidNotReceiveWithAnyArgs().CreateTopicsAsync(null, null);
    }

    [Fact]
    public async Task Topics_that_another_host_created_first_are_no_failure()
    {
        Existing();
        _admin.CreateTopicsAsync(null, null).ThrowsAsyncForAnyArgs(new CreateTopicsException(
            [new CreateTopicReport { Topic = "read", Error = new Error(ErrorCode.TopicAlreadyExists) }]));
        await Create();
    }

    private static ConsumerConfig Config(Type function, string brokers, params (string Name, string Value)[] settings)
    {
        var hosted = Hosted(function, brokers);
        var configuration = Configuration(settings);
        return ConsumerConfigs.For(hosted.Functions.Single(), (KafkaTrigger)hosted.Functions.Single().Trigger, ConsumerSettings.Read(configuration), Kafka, configuration);
    }

    private static FunctionCatalog Hosted(Type function, string brokers) =>
        Catalog.Discover([function], ("Events:Transport", "kafka"), ("Brokers", brokers));

    private static IConfiguration Configuration(params (string Name, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)))
        .Build();

    private void Existing(params string[] topics) => _admin.GetMetadata(default).ReturnsForAnyArgs(new Metadata(
        [], [.. topics.Select(topic => new TopicMetadata(topic, [], new Error(ErrorCode.NoError)))], 1, "broker"));

    private async Task Create(params (string Name, string Value)[] settings)
    {
        var configuration = Configuration(settings);
        using var creator = new TopicCreator(
            Hosted(typeof(Plain), Shared), new Topics(configuration), ConsumerSettings.Read(configuration), Options.Create(Kafka), _admin,
            new KafkaOutages(new BrokerErrors(Options.Create(Kafka), TimeProvider.System), TimeProvider.System, NullLogger<KafkaOutages>.Instance), new FakeClock(), NullLogger<TopicCreator>.Instance);
        await creator.StartAsync(CancellationToken.None);
        await creator.Ready.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Who_reads_for_its_own_devices_joins_no_group_and_commits_nothing()
    {
        var one = Config(typeof(ForAll), Shared, ("Kafka:InstanceId", "pod-0"), ("Kafka:Consumer:EnableAutoCommit", "true"), ("Kafka:Consumer:AutoOffsetReset", "Earliest"));
        Assert.Equal((false, AutoOffsetReset.Latest, null), (one.EnableAutoCommit, one.AutoOffsetReset, one.GroupInstanceId));
        Assert.StartsWith("group-", one.GroupId, StringComparison.Ordinal);
        Assert.NotEqual(one.GroupId, Config(typeof(ForAll), Shared).GroupId);
    }

    public static class ForAll
    {
        [Function("ForAll")]
        [SignalROutput(HubName = "notifications")]
        public static SignalRMessageAction[] Run([KafkaTrigger("%Brokers%", "read", ConsumerGroup = "group")] KafkaRecord record) => [];
    }

    public static class Plain
    {
        [Function("Plain")]
        public static void Run([KafkaTrigger("%Brokers%", "read", ConsumerGroup = "group")] KafkaRecord record) { }
    }

    public static class Secured
    {
        [Function("Secured")]
        public static void Run(
            [KafkaTrigger("%Brokers%", "read", ConsumerGroup = "group", Protocol = BrokerProtocol.SaslPlaintext,
                AuthenticationMode = BrokerAuthenticationMode.OAuthBearer, Username = "reader")] KafkaRecord record)
        { }
    }
}
