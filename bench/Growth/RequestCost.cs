using System.Globalization;

namespace TodoFlow.Bench.Growth;

/// <summary>What requests cost over data of one size.</summary>
/// <param name="Tasks">How many tasks there are.</param>
/// <param name="Requests">Each kind of request.</param>
public sealed record SizeCost(int Tasks, IReadOnlyList<RequestCost> Requests)
{
    /// <summary>The cost of a kind.</summary>
    public RequestCost Of(string name) => Requests.Single(request => request.Name == name);
}

/// <summary>What one kind of request costs in PostgreSQL, per request.</summary>
/// <param name="Name">The kind.</param>
/// <param name="RoundTrips">How often it waits for PostgreSQL.</param>
/// <param name="Statements">How many statements it runs.</param>
/// <param name="Blocks">The blocks that they look at.</param>
/// <param name="BlocksRead">Those that were not in PostgreSQL's memory.</param>
/// <param name="WalBytes">What they write to the write-ahead log.</param>
/// <param name="WalImages">The images of whole blocks in that.</param>
/// <param name="RelayBlocks">What the relay looks at to move the request's events.</param>
/// <param name="RelayWalBytes">What it writes.</param>
/// <param name="Dearest">The statements, what takes longest first, all requests together.</param>
/// <param name="Twin">What the twin's request costs; null where it has none.</param>
public sealed record RequestCost(
    string Name, double RoundTrips, double Statements, double Blocks, double BlocksRead, double WalBytes, double WalImages, double RelayBlocks,
    double RelayWalBytes, IReadOnlyList<StatementCost> Dearest, RequestCost? Twin)
{
    /// <summary>Shares out what was counted.</summary>
    public static RequestCost Of(string name, int requests, long trips, IReadOnlyList<StatementCost> statements)
    {
        var (relay, own) = (statements.Where(IsOfRelay).ToList(), statements.Where(statement => !IsOfRelay(statement)).ToList());
        return new(
            name,
            (trips - relay.Where(IsLock).Sum(statement => statement.Calls)) / (double)requests, // each batch of the relay begins with its lock, and is one round trip
            Each(own, statement => statement.Calls), Each(own, statement => statement.Blocks), Each(own, statement => statement.BlocksRead),
            Each(own, statement => statement.WalBytes), Each(own, statement => statement.WalImages),
            Each(relay, statement => statement.Blocks), Each(relay, statement => statement.WalBytes), own, null);

        double Each(List<StatementCost> all, Func<StatementCost, long> part) => (double)all.Sum(part) / requests;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-22} {RoundTrips:0.0} round trips, {Statements:0.0} statements, {Blocks:0.0} blocks, {WalBytes:0} WAL bytes; relay {RelayBlocks:0.0} blocks, {RelayWalBytes:0} WAL bytes");

    // A request only ever adds to the outbox; whatever else touches it is the relay, or counts what waits. Names that a statement has as
    // a constant, such as a sequence's, are not in the text that PostgreSQL keeps.
    private static bool IsOfRelay(StatementCost statement) =>
        IsLock(statement) || (statement.Text.Contains("outbox", StringComparison.Ordinal) && !statement.Text.Contains("insert into outbox", StringComparison.OrdinalIgnoreCase));

    private static bool IsLock(StatementCost statement) => statement.Text.Contains("pg_advisory_xact_lock", StringComparison.Ordinal);
}
