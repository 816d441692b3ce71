using Microsoft.Extensions.Logging;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Sync;

namespace TodoFlow.Functions.Sync;

/// <summary>
/// Runs a device's commands in their order, each in a transaction of its own. A command that is rejected does not stop the others, but those
/// on a task whose create was rejected are rejected, too; a fault of the moment leaves the rest as it is, to be sent again.
/// </summary>
public sealed partial class CommandRunner(
    CommandLog log, CommandActions actions, Caller caller, DatabaseFaults faults, ILogger<CommandRunner> logger)
{
    /// <summary>Runs commands.</summary>
    /// <returns>Their results, in their order.</returns>
    public async Task<List<CommandResult>> Run(IReadOnlyList<CommandRequest> commands, CancellationToken ct)
    {
        if (commands.Count == 0)
        {
            return [];
        }

        var before = await log.Find([.. commands.Select(command => command.Id)], ct);
        var results = new List<CommandResult>(commands.Count);
        var notCreated = new HashSet<Guid>();
        foreach (var command in commands)
        {
            var result = before.GetValueOrDefault(command.Id) ?? await RunOne(command, notCreated, ct);
            results.Add(result);
            if (result.Status == CommandStatus.NotRun)
            {
                results.AddRange(commands.Skip(results.Count).Select(other => before.GetValueOrDefault(other.Id) ?? new CommandResult(other.Id, CommandStatus.NotRun)));
                break;
            }

            before[command.Id] = result with { Status = CommandStatus.Duplicate }; // it may come twice in one request
            if (command is { Type: CommandType.Create, TaskId: { } task } && result.Problem is not null)
            {
                notCreated.Add(task);
            }
        }

        return results;
    }

    private async Task<CommandResult> RunOne(CommandRequest command, HashSet<Guid> notCreated, CancellationToken ct)
    {
        if (Needed(command.Type) is var scope && !caller.Subject.Scopes.HasFlag(scope))
        {
            // Not kept: the same device may send it again with another token.
            return new(command.Id, CommandStatus.Rejected) { Problem = CommandProblem.Of(Problem.InsufficientScope(string.Join(' ', ScopeNames.Of(scope)))) };
        }

        Correlation.ClientTime = command.ClientTime;
        try
        {
            return await log.Once(
                command.Id,
                () => command.TaskId is { } task && notCreated.Contains(task) && command.Type != CommandType.Create
                    ? throw Problem.Conflict("task_not_created", "The task was not created: its create was rejected.").AsException()
                    : actions.Run(command, ct),
                ct);
        }
        catch (ProblemException error) when (error.Problem.Status >= 500)
        {
            return new(command.Id, CommandStatus.NotRun) { Problem = CommandProblem.Of(error.Problem) };
        }
        catch (Exception error) when (error is not (ProblemException or OperationCanceledException))
        {
            if (await faults.Of(error, ct) != DatabaseFault.Outage)
            {
                throw;
            }

            LogNotRun(error, command.Type);
            return new(command.Id, CommandStatus.NotRun) { Problem = new(503, "database_unavailable", "The database cannot be reached, or took too long.") };
        }
        finally
        {
            Correlation.ClientTime = null;
        }
    }

    private static AccessScopes Needed(CommandType type) => type switch
    {
        CommandType.Delete => AccessScopes.TasksDelete,
        CommandType.ReadNotification => AccessScopes.Notifications,
        _ => AccessScopes.TasksWrite,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "A command {Type} was not run, nor those behind it")]
    private partial void LogNotRun(Exception error, CommandType type);
}
