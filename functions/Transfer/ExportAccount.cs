using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Transfer;

namespace TodoFlow.Functions.Transfer;

/// <summary>GET /api/export: all that is stored of the caller, as a file.</summary>
public sealed class ExportAccount(AccountExport export)
{
    /// <summary>
    /// Returns 200 with a JSON object: the account, its preferences, sessions, tokens by name, and browsers without their secrets; tasks with
    /// their series and reminders, the trash, notifications, and the history. It is written while it is read from the database, so a
    /// connection that breaks leaves a file that is not valid JSON. One at a time per user.
    /// </summary>
    [Function(nameof(ExportAccount))]
    [RequiresScope(AccessScopes.Account)]
    [EnableRateLimiting(ConcurrencyMiddleware.Transfers)]
    [Returns(200, ContentType = "application/json")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/export")] HttpRequest request, CancellationToken ct)
    {
        // Written here, and not by a result: until it is, the request holds its place among those that run at once.
        var response = request.HttpContext.Response;
        await export.Write(
            response.BodyWriter,
            () =>
            {
                response.ContentType = "application/json; charset=utf-8";
                response.Headers.ContentDisposition = "attachment; filename=\"todoflow.json\"";
            },
            ct);
        return TypedResults.Empty;
    }
}
