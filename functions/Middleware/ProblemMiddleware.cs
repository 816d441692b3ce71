using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Functions.Middleware;

/// <summary>
/// Around everything that may fail: turns whatever an HTTP function throws into a problem (the Azure host would respond with nothing).
/// Other triggers' exceptions pass, since the host retries by them.
/// </summary>
public sealed partial class ProblemMiddleware(DatabaseFaults faults, ILogger<ProblemMiddleware> log) : IFunctionsWorkerMiddleware
{
    private static readonly Problem NotRead =
        new(503, "database_unavailable", "The database cannot be reached, or took too long. Try again.") { RetryAfter = TimeSpan.FromSeconds(2) };

    // A connection that breaks at the commit does not say whether it came in time.
    private static readonly Problem Unknown = NotRead with
    {
        Detail = "The database cannot be reached, or took too long. If this was a change, it may have been stored all the same: send it again with the same "
            + "Idempotency-Key, or read first what is there.",
    };

    private static readonly Problem OurFault = new(500, "internal_error", "Something went wrong on our side. The trace id tells us what.");

    /// <inheritdoc/>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is not { } http)
        {
            await next(context);
            return;
        }

        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "private, no-cache"; // kept only with its ETag checked
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            http.Abort(); // nobody is left to answer
        }
        catch (Exception error)
        {
            var problem = Problem(error) ?? (await IsOutage(error, http.RequestAborted) ? (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) ? NotRead : Unknown) : OurFault);
            if (problem.Status >= 500)
            {
                LogFailed(error, context.FunctionDefinition.Name, problem.Code);
            }

            if (http.Response.HasStarted)
            {
                http.Abort();
                return;
            }

            await http.WriteProblem(problem);
        }
    }

    // Null where it depends on whose fault it is.
    private static Problem? Problem(Exception error) => error switch
    {
        ProblemException expected => expected.Problem,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            new(413, "body_too_large", $"The body is larger than {RequestReading.MaxBody} bytes."),
        BadHttpRequestException bad => new(bad.StatusCode, "bad_request", "The request is not well-formed HTTP."),
        DbUpdateException { InnerException: { } inner } => Problem(inner),
        PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation } => Domain.Problems.Problem.AccountGone,
        _ => null,
    };

    private async Task<bool> IsOutage(Exception error, CancellationToken ct) =>
        await faults.Of(error, ct) == DatabaseFault.Outage;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Function} failed: {Code}")]
    private partial void LogFailed(Exception error, string function, string code);
}
