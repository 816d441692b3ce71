using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Sync;

/// <summary>
/// Runs each command of the caller once, and keeps its first result for its repeats, in the transaction of what it changed: there is never
/// one without the other.
/// </summary>
public sealed class CommandLog(UnitOfWork work, Caller caller, TimeProvider clock)
{
    private const string PrimaryKey = "pk_sync_command";

    /// <summary>The results of those commands that were run before, as repeats get them.</summary>
    public async Task<Dictionary<Guid, CommandResult>> Find(Guid[] ids, CancellationToken ct)
    {
        await using var batch = work.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select result from sync_command where user_id = $1 and id = any($2)")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = caller.UserId }, new NpgsqlParameter<Guid[]> { TypedValue = ids } },
        });
        await using var rows = await batch.ExecuteReaderAsync(ct);
        var found = new Dictionary<Guid, CommandResult>();
        while (await rows.ReadAsync(ct))
        {
            var first = JsonSerializer.Deserialize(rows.GetString(0), CommandJson.Stored.CommandResult)!;
            found[first.Id] = first with { Status = CommandStatus.Duplicate };
        }

        return found;
    }

    /// <summary>Runs a command in a transaction of its own. One that the request itself rules out is rejected, and changes nothing.</summary>
    /// <param name="id">The command.</param>
    /// <param name="apply">Makes the change, and gives the result.</param>
    /// <param name="ct">Ends the wait; the transaction rolls back.</param>
    /// <exception cref="ProblemException">It failed for the moment, or its user is gone.</exception>
    public async Task<CommandResult> Once(Guid id, Func<Task<CommandResult>> apply, CancellationToken ct)
    {
        try
        {
            return await Keep(apply, ct);
        }
        catch (ProblemException error) when (error.Problem.Status is 400 or 403 or 404 or 409 or 412)
        {
            var rejected = new CommandResult(id, CommandStatus.Rejected) { Problem = CommandProblem.Of(error.Problem) };
            return await Keep(() => Task.FromResult(rejected), ct);
        }

        async Task<CommandResult> Keep(Func<Task<CommandResult>> run, CancellationToken ct)
        {
            try
            {
                return await work.Run(
                    async () =>
                    {
                        await work.Begin(ct);
                        var result = await run();
                        work.Execute(Insert(result));
                        return result;
                    },
                    ct);
            }
            catch (PostgresException error) when (error is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: PrimaryKey })
            {
                return (await Find([id], ct))[id]; // another request ran it meanwhile
            }
        }
    }

    private NpgsqlBatchCommand Insert(CommandResult result) => new("insert into sync_command (user_id, id, result, created_at) values ($1, $2, $3, $4)")
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = caller.UserId },
            new NpgsqlParameter<Guid> { TypedValue = result.Id },
            new NpgsqlParameter<string> { TypedValue = JsonSerializer.Serialize(result, CommandJson.Stored.CommandResult), NpgsqlDbType = NpgsqlDbType.Jsonb },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() },
        },
    };
}
