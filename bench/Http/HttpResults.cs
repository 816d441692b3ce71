using System.Globalization;
using System.Text.Json.Serialization;
using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Http;

/// <summary>All rounds of one server under a workload; each figure is the median of the rounds.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Rounds">Its rounds, each beside the others' with the same number.</param>
public sealed record Measured(string Name, IReadOnlyList<Round> Rounds)
{
    /// <summary>Requests per second.</summary>
    public double PerSecond => Rounds.Select(round => round.RequestsPerSecond).Median();

    /// <summary>The median time, milliseconds.</summary>
    public double P50 => Rounds.Select(round => round.P50).Median();

    /// <summary>The 99th percentile, milliseconds.</summary>
    public double P99 => Rounds.Select(round => round.P99).Median();

    /// <summary>The server's processor time for a request, microseconds.</summary>
    public double Cpu => Rounds.Select(round => round.ServerCpu).Median();

    /// <summary>PostgreSQL's, microseconds; what consumers do meanwhile included.</summary>
    public double DatabaseCpu => Rounds.Select(round => round.DatabaseCpu).Median();

    /// <summary>What a round reached of the requests per second of the other's round beside it.</summary>
    public double ShareOf(Measured other) => Rounds.Zip(other.Rounds, (own, others) => own.RequestsPerSecond / others.RequestsPerSecond).Median();

    /// <summary>How many times the other's 99th percentile.</summary>
    public double P99RatioTo(Measured other) => Rounds.Zip(other.Rounds, (own, others) => own.P99 / others.P99).Median();
}

/// <summary>A workload, and everybody who answered it.</summary>
/// <param name="Name">The workload.</param>
/// <param name="Target">The share of the raw twin's requests per second that TodoFlow is to reach; null where none is set.</param>
/// <param name="Goal">The share of the neutral twin's.</param>
/// <param name="Measured">TodoFlow, and the others.</param>
public sealed record WorkloadResult(string Name, double? Target, double? Goal, IReadOnlyList<Measured> Measured)
{
    /// <summary>TodoFlow's figures.</summary>
    [JsonIgnore]
    public Measured TodoFlow => Measured[0];

    /// <summary>TodoFlow's share of the raw twin's requests per second; null where that does not answer the workload.</summary>
    public double? ShareOfRawTwin => Of(HttpTables.RawTwin) is { } twin ? TodoFlow.ShareOf(twin) : null;

    /// <summary>TodoFlow's share of the neutral twin's requests per second.</summary>
    public double? ShareOfNeutralTwin => Of(HttpTables.NeutralTwin) is { } twin ? TodoFlow.ShareOf(twin) : null;

    /// <summary>Fastify's share of the neutral twin's requests per second; null where there is no Node.</summary>
    public double? FastifysShare => Of(HttpTables.NeutralTwin) is { } twin && Of(HttpTables.Fastify) is { } fastify ? fastify.ShareOf(twin) : null;

    /// <summary>The figures of somebody; null where they do not answer the workload.</summary>
    public Measured? Of(string name) => Measured.FirstOrDefault(measured => measured.Name == name);

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}: {string.Join("; ", Measured.Select(own => string.Create(CultureInfo.InvariantCulture, $"{own.Name} {own.PerSecond:0}/s, p99 {own.P99:0.0} ms, {own.Cpu:0} + {own.DatabaseCpu:0} µs")))}; shares {ShareOfRawTwin:0.00}, {ShareOfNeutralTwin:0.00}");
}

/// <summary>All workloads over one set of data.</summary>
public sealed record DataResult(int Users, int TasksEach, IReadOnlyList<WorkloadResult> Workloads, IReadOnlyList<SearchResult> Searches)
{
    /// <summary>How many tasks there are.</summary>
    public int Tasks => Users * TasksEach;
}

/// <summary>Searches over few connections.</summary>
public sealed record SearchResult(string Name, Round Round);
