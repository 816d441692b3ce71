using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Functions.Http;

/// <summary>Writes a <see cref="Problem"/> as <c>application/problem+json</c> (RFC 9457).</summary>
public sealed class ProblemAnswer(Problem problem) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = problem.Status;
        response.ContentType = "application/problem+json";
        if (problem.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = problem.Challenge;
        }

        await using var writer = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { Encoder = TodoFlowJson.Wire.Options.Encoder });
        writer.WriteStartObject();
        writer.WriteString("type", "about:blank");
        writer.WriteString("title", ReasonPhrases.GetReasonPhrase(problem.Status));
        writer.WriteNumber("status", problem.Status);
        writer.WriteString("code", problem.Code);
        writer.WriteString("detail", problem.Detail);
        writer.WriteString("trace_id", Activity.Current?.TraceId.ToString() ?? httpContext.TraceIdentifier);
        if (problem.Errors is { } errors)
        {
            writer.WritePropertyName("errors");
            JsonSerializer.Serialize(writer, errors, TodoFlowJson.Wire.IReadOnlyListFieldError);
        }

        if (problem.Current is { } current)
        {
            writer.WritePropertyName("current");
            JsonSerializer.Serialize(writer, current, current.GetType(), TodoFlowJson.Wire);
        }

        writer.WriteEndObject();
        await writer.FlushAsync(httpContext.RequestAborted);
    }
}
