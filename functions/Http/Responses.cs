using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Functions.Http;

/// <summary>What <see cref="TypedResults"/> lacks: headers that belong to a response, so that <see cref="IdempotentRequests"/> keeps them with it.</summary>
public static class Responses
{
    /// <summary>200 with a task and its ETag.</summary>
    public static IResult Task(TaskResponse task) => TypedResults.Ok(task).WithETag(task.Version);

    /// <summary>
    /// 200 with tasks, written in one piece by generated code: <c>TypedResults.Ok</c>, which writes them bit by bit, takes a
    /// quarter more of the processor for a page of 50.
    /// </summary>
    public static IResult Tasks<T>(T tasks, JsonTypeInfo<T> type) =>
        TypedResults.Text(JsonSerializer.SerializeToUtf8Bytes(tasks, type), "application/json; charset=utf-8");

    /// <summary>Adds the version as an entity tag.</summary>
    public static IResult WithETag(this IResult result, long version) => new WithHeader(result, "ETag", Preconditions.ETag(version));

    /// <summary>Lets nobody keep the response, because it holds tokens (RFC 6749 section 5.1).</summary>
    public static IResult NotStored(this IResult result) => new WithHeader(result, "Cache-Control", "no-store");

    private sealed class WithHeader(IResult result, string name, string value) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers[name] = value;
            return result.ExecuteAsync(httpContext);
        }
    }
}
