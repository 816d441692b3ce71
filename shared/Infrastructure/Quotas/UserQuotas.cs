using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Quotas;

/// <summary>
/// Keeps each user within the quotas, at every change that adds to what they have stored. Next occurrences are not asked about: a series
/// never ends because of a quota, and each follows a task that was completed.
/// </summary>
/// <remarks>
/// What a user has is counted in the database once in a while, and from then on followed in memory: a change that adds something reserves
/// it before it is stored. So a quota costs a request neither a round trip nor a row that all of a user's requests would wait for, as a
/// counter in the database would. Within a process it is exact, however many requests come at once; what other processes store is seen at
/// the next count, after a minute, or after <see cref="CountAgain"/> where the quota is nearly reached. So it may be passed by what the
/// others store in that time, and by next occurrences.
/// </remarks>
public sealed class UserQuotas(IOptions<QuotaSettings> settings, TimeProvider clock)
{
    // octet_length looks at a text's head only, wherever it is stored.
    private const string Sql =
        """
        select count(*), coalesce(sum(octet_length(title) + coalesce(octet_length(description), 0) + octet_length(array_to_string(tags, ''))), 0)::bigint
                + (select coalesce(sum(pg_column_size(task)), 0) from trashed_task where user_id = $1),
            (select count(*) from reminder where user_id = $1 and status = 0)
        from task_item where user_id = $1
        """;

    private const double NearlyAll = 0.9;
    private static readonly TimeSpan Known = TimeSpan.FromMinutes(1);

    private readonly Remembered<Guid, UserUsage> _users = new(10_000);

    /// <summary>How long a count is trusted that refuses, or comes near to it.</summary>
    public static TimeSpan CountAgain { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Reserves what a change is about to add.</summary>
    /// <param name="work">The change; a count is read in its transaction, where it has one.</param>
    /// <param name="user">The user.</param>
    /// <param name="added">What is added.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>To be kept once it is stored, and disposed in any case.</returns>
    /// <exception cref="ProblemException">403 <c>quota_exceeded</c>, with the quota and its limit.</exception>
    public async ValueTask<QuotaReservation> Reserve(UnitOfWork work, Guid user, Usage added, CancellationToken ct)
    {
        var usage = _users.GetOrAdd(user, _ => new()); // one for all of a user's requests: what one reserves, the others see
        var now = clock.GetUtcNow();
        if (usage.Find(now - Known) is { } known && (Exceeded(known + added, added, NearlyAll) is null || usage.Find(now - CountAgain) is not null))
        {
            if (usage.TryReserve(added, Allows) is { } reserved)
            {
                return reserved;
            }

            if (usage.IsExact && usage.Find(now - CountAgain) is not null)
            {
                throw Refused(usage, added);
            }
        }

        await Count(work, user, usage, ct);
        return usage.TryReserve(added, Allows) ?? throw Refused(usage, added);

        bool Allows(Usage sum) => Exceeded(sum, added, 1) is null;
    }

    /// <summary>Follows what a change adds without having to ask, once it is committed; less than nothing where it takes something away.</summary>
    public void Added(UnitOfWork work, Guid user, Usage added) => work.WhenEnded(committed =>
    {
        if (committed && _users.TryGet(user, out var usage))
        {
            usage.Add(added);
        }
    });

    /// <summary>403: a quota does not allow more.</summary>
    /// <param name="quota">Its name on the wire.</param>
    /// <param name="limit">How much it allows.</param>
    internal static ProblemException Exceeded(string quota, long limit) => new Problem(
        403, "quota_exceeded", $"Your quota of {quota.Replace('_', ' ')} is {limit}, and this would pass it. Delete what you no longer need{(quota == "bytes" ? ", and empty the trash" : "")}.")
    {
        Quota = new(quota, limit),
    }.AsException();

    private async Task Count(UnitOfWork work, Guid user, UserUsage usage, CancellationToken ct)
    {
        var (now, before) = (clock.GetUtcNow(), usage.Added);
        await using var batch = work.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = user } } });
        await using var rows = await batch.ExecuteReaderAsync(ct);
        await rows.ReadAsync(ct);
        usage.Counted(new(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2)), before, now);
    }

    private ProblemException Refused(UserUsage usage, Usage added)
    {
        var (quota, limit) = Exceeded(usage.Now + added, added, 1) ?? ("tasks", settings.Value.Tasks); // another gave some back at this moment
        return Exceeded(quota, limit);
    }

    // The first quota that a change adds to, and of which more than a part would be used.
    private (string Quota, long Limit)? Exceeded(Usage sum, Usage added, double part)
    {
        var limits = settings.Value;
        return added.Tasks > 0 && sum.Tasks > limits.Tasks * part ? ("tasks", limits.Tasks)
            : added.Bytes > 0 && sum.Bytes > limits.Bytes * part ? ("bytes", limits.Bytes)
            : added.Reminders > 0 && sum.Reminders > limits.Reminders * part ? ("reminders", limits.Reminders)
            : null;
    }
}
