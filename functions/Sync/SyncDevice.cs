using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Sync;

namespace TodoFlow.Functions.Sync;

/// <summary>POST /api/sync: brings a device up to date, and takes what was changed on it.</summary>
public sealed class SyncDevice(ChangeFeed feed, CommandRunner runner, PageBudget budget, Caller caller)
{
    /// <summary>Returns 200 with the results of the commands, and what changed since the token was given out, these changes included.</summary>
    [Function(nameof(SyncDevice))]
    [RequiresScope(AccessScopes.TasksRead)]
    [Body(typeof(SyncRequest))]
    [Returns<SyncResponse>(200)]
    [Problems(410)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/sync")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<SyncRequest>(ct);
        var token = await feed.Open(body.SyncToken, body.Wanted, ct);
        if ((token.Resources & (SyncResources.Notifications | SyncResources.Preferences)) != SyncResources.None && !caller.Subject.Scopes.HasFlag(AccessScopes.Notifications))
        {
            throw Problem.InsufficientScope(string.Join(' ', ScopeNames.Of(AccessScopes.Notifications))).AsException(); // it may ask for the other resources
        }

        var results = await runner.Run(body.Commands ?? [], ct);
        var page = await feed.Pull(token, body.Limit ?? SyncRequest.DefaultLimit, budget, ct);
        return Responses.Tasks(new SyncResponse(results, page.Changes, page.SyncToken, page.HasMore, page.Full), TodoFlowJson.Wire.SyncResponse, budget);
    }
}

/// <summary>Where a device is, and what was changed on it.</summary>
public sealed record SyncRequest
{
    /// <summary>How many changes a page has by default.</summary>
    internal const int DefaultLimit = 500;

    /// <summary>The token.</summary>
    [Description("The sync_token of the last response; absent for a device that starts anew.")]
    public string? SyncToken { get; set; }

    /// <summary>What the device keeps a copy of.</summary>
    [MaxLength(4), ResourceNames, Example("tasks", "reminders"), Description("Of tasks, reminders, notifications, preferences; by default all, or those of the token.")]
    public string[]? Resources { get; set; }

    /// <summary>How many changes at most.</summary>
    [DefaultValue(DefaultLimit), Range(1, 1000)]
    public int? Limit { get; set; }

    /// <summary>What was changed on the device.</summary>
    [MaxLength(100), Description("What was changed on the device, in its order.")]
    public CommandRequest[]? Commands { get; set; }

    /// <summary>The resources; null where they are those of the token, or all.</summary>
    internal SyncResources? Wanted => Resources is { Length: > 0 } names
        ? names.Aggregate(SyncResources.None, (all, name) => all | Enum.Parse<SyncResources>(name, ignoreCase: true))
        : null;
}

/// <summary>The names of resources must be known.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ResourceNamesAttribute : ValidationAttribute
{
    private static readonly string[] Known = ["tasks", "reminders", "notifications", "preferences"];

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        ((string[])value!).Except(Known).FirstOrDefault() is { } unknown
            ? new($"must be of {string.Join(", ", Known)}, not {unknown}")
            : ValidationResult.Success;
}
