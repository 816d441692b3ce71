using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Npgsql;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Recurrence;

/// <summary>
/// The ids of the occurrences that follow, under the key that the database has of its own: it is no setting, since another key would make
/// another occurrence of what has one.
/// </summary>
public sealed partial class OccurrenceIds
{
    private readonly ILogger<OccurrenceIds> _log;
    private readonly Counter<long> _clashes;
    private volatile byte[]? _key;

    /// <summary>Makes the instrument.</summary>
    public OccurrenceIds(IMeterFactory meters, ILogger<OccurrenceIds> log)
    {
        _log = log;
        _clashes = meters.Create(Telemetry.Name).CreateCounter<long>(
            "todoflow.occurrence.id_clashes", "{id}", "Ids of next occurrences that another task had: the occurrence got another one.");
    }

    /// <summary>The key, read once.</summary>
    /// <param name="work">By whose connection: one that waits for a second one may wait for itself.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<byte[]> Key(UnitOfWork work, CancellationToken ct)
    {
        if (_key is { } known)
        {
            return known;
        }

        await using var batch = work.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select key from occurrence_key"));
        return _key = await batch.ExecuteScalarAsync(ct) as byte[] ?? throw new InvalidOperationException("The table occurrence_key has no row.");
    }

    /// <summary>Every id by which the occurrence that follows one may be stored.</summary>
    public static List<Guid> After(byte[] key, Guid series, int occurrence) =>
        [.. OccurrenceId.ChoicesOf(key, series, occurrence + 1), OccurrenceId.Unkeyed(series, occurrence + 1)];

    /// <summary>Counts that the id of a next occurrence belongs to a task that is none.</summary>
    internal void Clashed(Guid id, Guid series, int occurrence)
    {
        _clashes.Add(1);
        LogClash(id, occurrence, series);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The id {TaskId} of occurrence {Occurrence} of series {Series} is another task's: it gets another id")]
    private partial void LogClash(Guid taskId, int occurrence, Guid series);
}
