using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Host.Configuration;

namespace TodoFlow.Host.Http;

/// <summary>The problems (RFC 9457) that the host answers itself, where no function is reached or its middleware gave up.</summary>
internal static class HostProblems
{
    /// <summary>
    /// Where <see cref="WrongRoute"/> is not loaded, and at the address of the metrics: 404 for an unknown route; 405 with <c>Allow</c>
    /// for a known one with another method.
    /// </summary>
    public static async Task Unrouted(HttpContext http)
    {
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "private, no-cache";
        http.Response.Headers[CorrelationMiddleware.Header] = CorrelationMiddleware.IdOf(http);
        // Routing has picked an endpoint of its own for a wrong method; it sets the status and Allow, and nothing else.
        if (http.GetEndpoint() is { RequestDelegate: { } answer })
        {
            await answer(http);
            await http.WriteProblem(WrongRoute.ProblemOf(http, [.. http.Response.Headers.Allow.ToString().Split(", ")]));
            return;
        }

        await http.WriteProblem(WrongRoute.ProblemOf(http, []));
    }

    /// <summary>What Kestrel found wrong with the request while it was read: too large, cut off, too slow.</summary>
    public static Task Refused(HttpContext http, BadHttpRequestException error) => http.WriteProblem(error.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge =>
            new Problem(error.StatusCode, "body_too_large", $"The body is larger than {HostSettings.MaxRequestBodyBytes} bytes."),
        var status => new Problem(status, "bad_request", error.Message),
    });

    /// <summary>500: the fault is ours, and its details stay in the log.</summary>
    public static Task Failed(HttpContext http) =>
        http.WriteProblem(new(StatusCodes.Status500InternalServerError, "internal_error", "Something failed here. The trace_id finds it in the log."));
}
