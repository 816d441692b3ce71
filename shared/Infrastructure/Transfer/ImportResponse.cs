namespace TodoFlow.Infrastructure.Transfer;

/// <summary>What became of a file.</summary>
/// <param name="Format">Whose file it is: <c>todoflow</c>, <c>todoist</c>, <c>microsoft_todo</c> or <c>icalendar</c>.</param>
/// <param name="DryRun">Whether nothing was stored.</param>
/// <param name="Total">How many tasks the file has.</param>
/// <param name="Created">How many were added.</param>
/// <param name="Unchanged">How many were there already.</param>
/// <param name="Rejected">How many cannot be added.</param>
/// <param name="Results">What became of each, in the order of the file.</param>
public sealed record ImportResponse(string Format, bool DryRun, int Total, int Created, int Unchanged, int Rejected, IReadOnlyList<ImportResult> Results);
