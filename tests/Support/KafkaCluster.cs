using System.Runtime.InteropServices;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace TodoFlow.Tests.Support;

/// <summary>
/// A Kafka cluster for a test: librdkafka's mock cluster of three brokers, which speaks the real protocol on real TCP
/// ports of this machine, inside this process. <c>TODOFLOW_TEST_KAFKA</c> names the brokers of a real one instead.
/// </summary>
/// <remarks>
/// The mock is slower than a real broker where it waits: an empty fetch is answered after <c>fetch.wait.max.ms</c>, and a
/// group whose members change rebalances a second before <c>session.timeout.ms</c> is over. Keep both low.
/// </remarks>
public sealed class KafkaCluster : IDisposable
{
    /// <summary>How many brokers the mock cluster has; their ids start at 1.</summary>
    public const int BrokerCount = 3;

    private readonly LibrdkafkaMock? _mock;

    private KafkaCluster(LibrdkafkaMock? mock, string brokers)
    {
        _mock = mock;
        Brokers = brokers;
    }

    /// <summary>The addresses to bootstrap from: <c>host:port</c>, separated by commas.</summary>
    public string Brokers { get; }

    /// <summary>Whether it is the mock cluster.</summary>
    public bool IsMock => _mock is not null;

    /// <summary>Whether <c>TODOFLOW_TEST_KAFKA</c> names brokers.</summary>
    public static bool IsNamed => Named is not null;

    /// <summary>The cluster that <c>TODOFLOW_TEST_KAFKA</c> names, otherwise a new mock cluster.</summary>
    public static KafkaCluster Start() => Named is { } brokers ? new(null, brokers) : StartMock();

    /// <summary>A new mock cluster, for tests that inject faults.</summary>
    public static KafkaCluster StartMock()
    {
        var mock = new LibrdkafkaMock(BrokerCount);
        return new(mock, mock.Bootstraps);
    }

    /// <summary>Creates a topic whose name starts with the prefix and is this test's own.</summary>
    /// <returns>The topic's name.</returns>
    public async Task<string> CreateTopic(string prefix, int partitions = 3)
    {
        var topic = $"{prefix}-{Guid.NewGuid():N}";
        await AddTopic(topic, partitions);
        return topic;
    }

    /// <summary>Creates a topic of exactly this name.</summary>
    public async Task AddTopic(string topic, int partitions = 3)
    {
        if (_mock is not null)
        {
            _mock.CreateTopic(topic, partitions);
            return;
        }

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Brokers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = -1 }]);
    }

    /// <summary>Cuts every connection to every broker and refuses new ones, until <see cref="Up()"/>.</summary>
    /// <exception cref="InvalidOperationException">The cluster is a real one.</exception>
    public void Down() => EachBroker(Down);

    /// <summary>Lets every broker listen again; nothing that was stored is lost.</summary>
    /// <inheritdoc cref="Down()" path="/exception"/>
    public void Up() => EachBroker(Up);

    /// <summary>Cuts every connection to one broker and refuses new ones.</summary>
    /// <inheritdoc cref="Down()" path="/exception"/>
    public void Down(int broker) => Mock.SetDown(broker);

    /// <summary>Lets one broker listen again.</summary>
    /// <inheritdoc cref="Down()" path="/exception"/>
    public void Up(int broker) => Mock.SetUp(broker);

    /// <summary>Answers the next requests of a kind with these errors, one each, whichever broker gets them.</summary>
    /// <remarks>
    /// <see cref="KafkaRequest.Produce"/> only where a partition has one request in flight. The mock stores what follows a refused
    /// request, where a broker answers OUT_OF_ORDER_SEQUENCE_NUMBER; the client concludes that the refused one was stored too, and
    /// confirms records that are nowhere. Elsewhere: <see cref="HangUpOnNext"/>.
    /// </remarks>
    /// <inheritdoc cref="Down()" path="/exception"/>
    public void FailNext(KafkaRequest request, params ErrorCode[] errors) => Mock.PushErrors(request, errors);

    /// <summary>Cuts the connection instead of answering, for the next requests of a kind; what follows them on it is lost as well.</summary>
    /// <inheritdoc cref="Down()" path="/exception"/>
    public void HangUpOnNext(KafkaRequest request, int count) =>
        FailNext(request, [.. Enumerable.Repeat(ErrorCode.Local_Transport, count)]);

    /// <summary>Lets every broker answer each request this much later; it does at once what it is asked.</summary>
    /// <inheritdoc cref="Down()" path="/exception"/>
    public void AnswerAfter(TimeSpan delay) => EachBroker(broker => Mock.SetRoundTrip(broker, delay));

    /// <summary>Completes when the brokers have received a request of a kind, from now on.</summary>
    /// <inheritdoc cref="Down()" path="/exception"/>
    public Task Receive(KafkaRequest request)
    {
        Mock.TrackRequests();
        return Task.Run(async () =>
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
            while (!Mock.Received(request))
            {
                await looks.WaitForNextTickAsync(patience.Token);
            }
        });
    }

    /// <summary>Answers whoever asks about a topic with an error, from now on; <see cref="ErrorCode.NoError"/> ends it.</summary>
    /// <inheritdoc cref="Down()" path="/exception"/>
    public void Refuse(string topic, ErrorCode error) => Mock.SetTopicError(topic, error);

    /// <summary>Forgets the errors that <see cref="FailNext"/> has left for a kind of request.</summary>
    /// <inheritdoc cref="Down()" path="/exception"/>
    public void StopFailing(KafkaRequest request) => Mock.ClearErrors(request);

    /// <inheritdoc/>
    public void Dispose() => _mock?.Dispose();

    private static string? Named => Environment.GetEnvironmentVariable("TODOFLOW_TEST_KAFKA") is { Length: > 0 } brokers ? brokers : null;

    private LibrdkafkaMock Mock => _mock ?? throw new InvalidOperationException("Only the mock cluster can be told to fail: StartMock().");

    private static void EachBroker(Action<int> act)
    {
        for (var broker = 1; broker <= BrokerCount; broker++)
        {
            act(broker);
        }
    }
}

/// <summary>The requests of the Kafka protocol that a test may fail, by their API key.</summary>
public enum KafkaRequest : short
{
    /// <summary>A producer sends records.</summary>
    Produce = 0,

    /// <summary>A consumer asks for records.</summary>
    Fetch = 1,

    /// <summary>A client asks which broker leads what.</summary>
    Metadata = 3,

    /// <summary>A consumer stores how far its group has come.</summary>
    OffsetCommit = 8,

    /// <summary>A consumer asks how far its group has come.</summary>
    OffsetFetch = 9,

    /// <summary>A client asks which broker coordinates a group.</summary>
    FindCoordinator = 10,

    /// <summary>A consumer joins its group.</summary>
    JoinGroup = 11,

    /// <summary>A consumer tells that it lives.</summary>
    Heartbeat = 12,

    /// <summary>A producer asks for the id that makes it idempotent.</summary>
    InitProducerId = 22,
}

/// <summary>The mock cluster of the native library, held by a producer that is used for nothing else (rdkafka_mock.h).</summary>
internal sealed class LibrdkafkaMock : IDisposable
{
    private readonly IntPtr _client;
    private readonly IntPtr _cluster;

    // Confluent.Kafka picks the build of librdkafka that this system can load; the mock must live in that very library.
    static LibrdkafkaMock()
    {
        Confluent.Kafka.Library.Load();
        var loaded = System.Diagnostics.Process.GetCurrentProcess().Modules.Cast<System.Diagnostics.ProcessModule>()
            .First(module => module.ModuleName.Contains("librdkafka", StringComparison.Ordinal)).FileName;
        NativeLibrary.SetDllImportResolver(typeof(LibrdkafkaMock).Assembly, (name, _, _) => name == LibraryName ? NativeLibrary.Load(loaded) : IntPtr.Zero);
    }

    public LibrdkafkaMock(int brokers)
    {
        var error = new byte[512];
        var settings = NewSettings();
        if (Set(settings, "test.mock.num.brokers", $"{brokers}", error, (nuint)error.Length) != 0)
        {
            throw new InvalidOperationException(Text(error));
        }

        _client = NewClient(ProducerType, settings, error, (nuint)error.Length);
        if (_client == IntPtr.Zero)
        {
            throw new InvalidOperationException(Text(error));
        }

        _cluster = ClusterOf(_client);
        Bootstraps = Marshal.PtrToStringUTF8(BootstrapsOf(_cluster))!;
        SetInitialRebalanceDelay(_cluster, 0); // a group forms when its first member joins, not three seconds later
        SetConsumerSession(_cluster, 2000); // of the protocol of KIP-848, in which the brokers say so
        SetConsumerHeartbeat(_cluster, 100);
    }

    public string Bootstraps { get; }

    /// <summary>Creates a topic, whose partitions are led by the brokers in turn: the mock would draw the leaders.</summary>
    public void CreateTopic(string topic, int partitions)
    {
        Check(CreateTopic(_cluster, topic, partitions, KafkaCluster.BrokerCount));
        for (var partition = 0; partition < partitions; partition++)
        {
            Check(SetLeader(_cluster, topic, partition, 1 + (partition % KafkaCluster.BrokerCount)));
        }
    }

    public void SetTopicError(string topic, ErrorCode error) => SetTopicError(_cluster, topic, (int)error);

    public void SetDown(int broker) => Check(SetBrokerDown(_cluster, broker));

    public void SetUp(int broker) => Check(SetBrokerUp(_cluster, broker));

    public void PushErrors(KafkaRequest request, ErrorCode[] errors) =>
        PushRequestErrors(_cluster, (short)request, (nuint)errors.Length, [.. errors.Select(error => (int)error)]);

    public void ClearErrors(KafkaRequest request) => ClearRequestErrors(_cluster, (short)request);

    public void SetRoundTrip(int broker, TimeSpan time) => Check(SetBrokerRoundTrip(_cluster, broker, (int)time.TotalMilliseconds));

    public void TrackRequests()
    {
        ClearRequests(_cluster);
        StartTrackingRequests(_cluster);
    }

    public bool Received(KafkaRequest request)
    {
        var requests = GetRequests(_cluster, out var count);
        try
        {
            return Enumerable.Range(0, (int)count).Any(i => ApiKeyOf(Marshal.ReadIntPtr(requests, i * IntPtr.Size)) == (short)request);
        }
        finally
        {
            DestroyRequests(requests, count);
        }
    }

    public void Dispose() => DestroyClient(_client);

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new KafkaException((ErrorCode)error);
        }
    }

    private static string Text(byte[] error) => System.Text.Encoding.UTF8.GetString(error).TrimEnd('\0');

    private const string LibraryName = "librdkafka";
    private const int ProducerType = 0;

    [DllImport(LibraryName, EntryPoint = "rd_kafka_conf_new")]
    private static extern IntPtr NewSettings();

    [DllImport(LibraryName, EntryPoint = "rd_kafka_conf_set")]
    private static extern int Set(
        IntPtr settings, [MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value,
        [Out] byte[] error, nuint errorSize);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_new")]
    private static extern IntPtr NewClient(int type, IntPtr settings, [Out] byte[] error, nuint errorSize);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_destroy")]
    private static extern void DestroyClient(IntPtr client);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_handle_mock_cluster")]
    private static extern IntPtr ClusterOf(IntPtr client);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    private static extern IntPtr BootstrapsOf(IntPtr cluster);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    private static extern void SetInitialRebalanceDelay(IntPtr cluster, int milliseconds);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_set_group_consumer_session_timeout_ms")]
    private static extern void SetConsumerSession(IntPtr cluster, int milliseconds);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_set_group_consumer_heartbeat_interval_ms")]
    private static extern void SetConsumerHeartbeat(IntPtr cluster, int milliseconds);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_topic_create")]
    private static extern int CreateTopic(
        IntPtr cluster, [MarshalAs(UnmanagedType.LPUTF8Str)] string topic, int partitions, int replicationFactor);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_partition_set_leader")]
    private static extern int SetLeader(IntPtr cluster, [MarshalAs(UnmanagedType.LPUTF8Str)] string topic, int partition, int broker);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_topic_set_error")]
    private static extern void SetTopicError(IntPtr cluster, [MarshalAs(UnmanagedType.LPUTF8Str)] string topic, int error);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_broker_set_down")]
    private static extern int SetBrokerDown(IntPtr cluster, int broker);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_broker_set_up")]
    private static extern int SetBrokerUp(IntPtr cluster, int broker);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    private static extern void PushRequestErrors(IntPtr cluster, short request, nuint count, int[] errors);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_clear_request_errors")]
    private static extern void ClearRequestErrors(IntPtr cluster, short request);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
    private static extern int SetBrokerRoundTrip(IntPtr cluster, int broker, int milliseconds);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_start_request_tracking")]
    private static extern void StartTrackingRequests(IntPtr cluster);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_clear_requests")]
    private static extern void ClearRequests(IntPtr cluster);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_get_requests")]
    private static extern IntPtr GetRequests(IntPtr cluster, out nuint count);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_request_api_key")]
    private static extern short ApiKeyOf(IntPtr request);

    [DllImport(LibraryName, EntryPoint = "rd_kafka_mock_request_destroy_array")]
    private static extern void DestroyRequests(IntPtr requests, nuint count);
}
