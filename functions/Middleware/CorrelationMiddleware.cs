using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using TodoFlow.Domain.Diagnostics;

namespace TodoFlow.Functions.Middleware;

/// <summary>
/// Gives each HTTP invocation a correlation id, the caller's <c>X-Correlation-Id</c> or a new one, which the response carries too.
/// Events carry it on.
/// </summary>
public sealed class CorrelationMiddleware : IFunctionsWorkerMiddleware
{
    /// <summary>The header, in and out.</summary>
    public const string Header = "X-Correlation-Id";

    // What is safe in a header, a log line and an event.
    private static readonly SearchValues<char> Safe =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/");

    /// <summary>The id of a request: the caller's, where it is safe to carry on; else a new one.</summary>
    public static string IdOf(HttpContext http)
    {
        var sent = http.Request.Headers[Header].ToString();
        return sent.Length is > 0 and <= 128 && !sent.AsSpan().ContainsAnyExcept(Safe) ? sent : Guid.CreateVersion7().ToString();
    }

    /// <inheritdoc/>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is { } http)
        {
            Correlation.Id = IdOf(http);
            http.Response.Headers[Header] = Correlation.Id;
        }

        await next(context);
    }
}
