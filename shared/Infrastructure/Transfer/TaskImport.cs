using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Quotas;
using TodoFlow.Infrastructure.Recurrence;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>What becomes of a task of a file.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ImportStatus>))]
public enum ImportStatus
{
    /// <summary>It was added; in a dry run, it would be.</summary>
    Created,

    /// <summary>It is there already, in the trash perhaps, and stays as it is.</summary>
    Unchanged,

    /// <summary>It cannot be added: errors says why.</summary>
    Rejected,
}

/// <summary>What became of one task of a file.</summary>
/// <param name="Source">Where in the file it is.</param>
/// <param name="Title">Its title, as the file has it.</param>
/// <param name="Status">What became of it.</param>
/// <param name="TaskId">The task here; null where it was rejected.</param>
public sealed record ImportResult(string Source, string? Title, ImportStatus Status, Guid? TaskId)
{
    /// <summary>What is wrong with it, by the fields of this API.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldError>? Errors { get; init; }

    /// <summary>What of it was not taken over.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldError>? Warnings { get; init; }
}

/// <summary>A task of a file that was checked.</summary>
/// <param name="Item">The task.</param>
/// <param name="Edit">Its fields; null where some are wrong (<see cref="ImportItem.Errors"/>).</param>
public sealed record CheckedItem(ImportItem Item, TaskEdit? Edit);

/// <summary>
/// Adds the tasks of a file. The id of each derives from the user, the format and the file's key, so a task that was imported before is
/// found again, and nothing is doubled, however often and from wherever the file is imported.
/// </summary>
/// <remarks>
/// All is tried before anything is stored: a quota that would be passed refuses the whole file. Then the tasks are stored in parts, each in
/// a transaction with its events and reminders. Where the process dies in between, whole parts are there, and a repeat adds the rest.
/// Reminders whose instants have passed are not planned: nobody is to be told of years in a minute.
/// </remarks>
public sealed class TaskImport(
    UnitOfWork work, TaskPreferences preferences, OccurrenceIds occurrences, UserQuotas quotas, Caller caller, TimeProvider clock)
{
    private const int Part = 100;

    /// <summary>Adds tasks, or says what adding them would do.</summary>
    /// <param name="format">The format of the file.</param>
    /// <param name="items">The tasks, checked.</param>
    /// <param name="dryRun">Whether nothing is stored.</param>
    /// <param name="ct">Ends the work; the parts that are stored stay.</param>
    /// <returns>What became of each, in their order.</returns>
    /// <exception cref="ProblemException">403 <c>quota_exceeded</c>: nothing was stored.</exception>
    public async Task<IReadOnlyList<ImportResult>> Run(string format, IReadOnlyList<CheckedItem> items, bool dryRun, CancellationToken ct)
    {
        var (tried, growth) = await RunParts(format, items, dryRun: true, null, ct);
        using var reserved = growth.Tasks > 0 ? await quotas.Reserve(work, caller.UserId, growth, ct) : null;
        return dryRun || growth.Tasks == 0 ? tried : (await RunParts(format, items, dryRun: false, reserved, ct)).Results;
    }

    private async Task<(List<ImportResult> Results, Usage Growth)> RunParts(
        string format, IReadOnlyList<CheckedItem> items, bool dryRun, QuotaReservation? reserved, CancellationToken ct)
    {
        var results = new List<ImportResult>(items.Count);
        var key = await occurrences.Key(work, ct);
        var (growth, seen, heads) = (default(Usage), new HashSet<Guid>(), new HashSet<Guid>());
        try
        {
            foreach (var chunk in items.Chunk(Part))
            {
                var part = new ImportPart(key, caller.UserId, format, chunk, seen, heads);
                await work.Run(
                    async () =>
                    {
                        await work.Begin(ct);
                        part.Begin(await preferences.Get(ct), clock.GetUtcNow());
                        await part.Find(work, ct);
                        part.Make(dryRun ? null : work);
                        return part;
                    },
                    ct);
                part.End();
                results.AddRange(part.Results);
                growth += part.Growth;
            }
        }
        finally
        {
            if (!dryRun)
            {
                reserved?.Keep(work, growth); // what is stored, also where the rest failed
            }
        }

        return (results, growth);
    }
}
