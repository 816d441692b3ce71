namespace TodoFlow.Infrastructure.Sync;

/// <summary>The response to a device.</summary>
/// <param name="Results">The results of the commands, in their order.</param>
/// <param name="Changes">What changed.</param>
/// <param name="SyncToken">What the next request sends.</param>
/// <param name="HasMore">Whether more is to be asked for at once.</param>
/// <param name="Full">Whether the device started anew: what it had before, and what no page brings, is not there any more.</param>
public sealed record SyncResponse(IReadOnlyList<CommandResult> Results, ChangesResponse Changes, string SyncToken, bool HasMore, bool Full);
