using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Sync;

namespace TodoFlow.Functions.Sync;

/// <summary>POST /api/tasks/batch: makes many changes with one request, for who keeps no copy.</summary>
public sealed class RunTaskCommands(CommandRunner runner)
{
    /// <summary>Returns 200 with the results, in the order of the commands; each command is a transaction of its own.</summary>
    [Function(nameof(RunTaskCommands))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Body(typeof(TaskCommandsRequest))]
    [Returns<TaskCommandsResponse>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tasks/batch")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<TaskCommandsRequest>(ct);
        return TypedResults.Ok(new TaskCommandsResponse(await runner.Run(body.Commands, ct)));
    }
}

/// <summary>Changes to make.</summary>
public sealed record TaskCommandsRequest
{
    /// <summary>The changes.</summary>
    [Required, MaxLength(100), Description("The changes, in their order, as those of a device in POST /api/sync.")]
    public CommandRequest[] Commands { get; set; } = [];
}
