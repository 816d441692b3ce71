using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Functions.Http;

/// <summary>Problems as <c>application/problem+json</c> (RFC 9457).</summary>
public static class ProblemResponses
{
    /// <summary>Ends a request with a problem.</summary>
    public static Task WriteProblem(this HttpContext http, Problem problem)
    {
        if (problem.RetryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (problem.Challenge is { } challenge)
        {
            http.Response.Headers.WWWAuthenticate = challenge;
        }

        return TypedResults.Problem(DetailsOf(http, problem)).ExecuteAsync(http);
    }

    /// <summary>A problem as it is written.</summary>
    public static ProblemDetails DetailsOf(HttpContext http, Problem problem)
    {
        var details = new ProblemDetails
        {
            Type = "about:blank",
            Title = ReasonPhrases.GetReasonPhrase(problem.Status),
            Status = problem.Status,
            Detail = problem.Detail,
            Extensions =
            {
                ["code"] = problem.Code,
                ["trace_id"] = Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier,
            },
        };
        if (problem.Errors is { } errors)
        {
            details.Extensions["errors"] = errors;
        }

        if (problem.Current is { } current)
        {
            details.Extensions["current"] = current;
        }

        if (problem.Quota is { } quota)
        {
            details.Extensions["quota"] = quota.Name;
            details.Extensions["limit"] = quota.Limit;
        }

        return details;
    }
}
