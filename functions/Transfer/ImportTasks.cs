using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Functions.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Transfer;

namespace TodoFlow.Functions.Transfer;

/// <summary>POST /api/import: adds the tasks of a file.</summary>
public sealed class ImportTasks(ImportReader reader, TaskImport import, RequestBytes bytes, IOptions<ImportSettings> settings, Caller caller)
{
    private const int LongestResult = 400; // apart from its texts

    /// <summary>
    /// Returns 200 with what became of each task, or would become of it in a dry run. The file is an export of TodoFlow or of Microsoft To Do
    /// (application/json), a project of Todoist's backup or all of it (text/csv, application/zip), or iCalendar with VTODO (text/calendar).
    /// Imported again, it adds nothing. 400 <c>malformed_file</c> where the file cannot be read, and 403 <c>quota_exceeded</c>: nothing is
    /// stored then. One at a time per user.
    /// </summary>
    [Function(nameof(ImportTasks))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [EnableRateLimiting(ConcurrencyMiddleware.Transfers)]
    [Query(typeof(ImportTasksQuery))]
    [FileBody("application/json", "text/csv", "text/calendar", "application/zip")]
    [Returns<ImportResponse>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/import")] HttpRequest request, CancellationToken ct)
    {
        var query = request.ReadQuery<ImportTasksQuery>();
        var type = MediaTypeHeaderValue.TryParse(request.ContentType, out var sent) ? sent.MediaType.ToString() : "";
        var file = await reader.Read(await request.ReadBody(ct, settings.Value.MaxBytes), type, ct);
        var results = await import.Run(file.Format, [.. file.Items.Select(Check)], query.DryRun == true, ct);
        bytes.Take(results.Sum(result => LongestResult + (2L * result.Title?.Length ?? 0)));
        return TypedResults.Ok(new ImportResponse(
            file.Format,
            query.DryRun == true,
            results.Count,
            results.Count(result => result.Status == ImportStatus.Created),
            results.Count(result => result.Status == ImportStatus.Unchanged),
            results.Count(result => result.Status == ImportStatus.Rejected),
            results));
    }

    // By the rules of POST /api/tasks.
    private CheckedItem Check(ImportItem item)
    {
        var read = (CreateTaskRequest)RequestContract.Of(typeof(CreateTaskRequest)).Read(field => item.Fields.GetValueOrDefault(field.Name), "", item.Errors);
        return new(item, item.Errors.Count == 0 ? Edit(read, item) : null);
    }

    private TaskEdit? Edit(CreateTaskRequest read, ImportItem item)
    {
        try
        {
            return read.ToEdit(caller.TimeZone);
        }
        catch (ProblemException error)
        {
            item.Errors.AddRange(error.Problem.Errors ?? []);
            return null;
        }
    }
}

/// <summary>How a file is imported.</summary>
public sealed record ImportTasksQuery
{
    /// <summary>Whether nothing is stored.</summary>
    [DefaultValue(false), Description("Whether nothing is stored, and the response says what would be.")]
    public bool? DryRun { get; set; }
}
