using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Functions.Http;

/// <summary>A JSON answer with the headers that belong to it.</summary>
/// <param name="value">The body.</param>
/// <param name="shape">How it is written.</param>
public sealed class Answer<T>(T value, JsonTypeInfo<T> shape) : IResult
{
    /// <summary>The status; 200 by default.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>The version for the <c>ETag</c> header.</summary>
    public long? Version { get; init; }

    /// <summary>Where the new resource is, for the <c>Location</c> header.</summary>
    public string? Location { get; init; }

    /// <summary>Whether nobody may keep the answer, because it holds tokens.</summary>
    public bool IsSecret { get; init; }

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (IsSecret)
        {
            response.Headers.CacheControl = "no-store"; // RFC 6749 section 5.1
        }

        response.ContentType = "application/json; charset=utf-8";
        if (Version is { } version)
        {
            response.Headers.ETag = Preconditions.ETag(version);
        }

        if (Location is not null)
        {
            response.Headers.Location = Location;
        }

        // In one piece: its length is known, and it leaves with its headers.
        var body = JsonSerializer.SerializeToUtf8Bytes(value, shape);
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, httpContext.RequestAborted);
    }
}

/// <summary>The answers that more than one function gives.</summary>
public static class Answers
{
    /// <summary>200 with a JSON body.</summary>
    public static IResult Ok<T>(T value, JsonTypeInfo<T> shape) => new Answer<T>(value, shape);

    /// <summary>200 with a task and its ETag.</summary>
    public static IResult Task(TaskResponse task) => new Answer<TaskResponse>(task, TodoFlowJson.Wire.TaskResponse) { Version = task.Version };

    /// <summary>304: the client has this version.</summary>
    public static IResult NotModified(long version) => new Unmodified(version);

    /// <summary>201 with a new task, its ETag and its address.</summary>
    public static IResult CreatedTask(TaskResponse task) => new Answer<TaskResponse>(task, TodoFlowJson.Wire.TaskResponse)
    {
        Status = StatusCodes.Status201Created,
        Version = task.Version,
        Location = $"/api/tasks/{task.Id}",
    };

    /// <summary>201 with a new reminder.</summary>
    public static IResult CreatedReminder(ReminderResponse reminder) =>
        new Answer<ReminderResponse>(reminder, TodoFlowJson.Wire.ReminderResponse) { Status = StatusCodes.Status201Created };

    private sealed class Unmodified(long version) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
            httpContext.Response.Headers.ETag = Preconditions.ETag(version);
            return System.Threading.Tasks.Task.CompletedTask;
        }
    }
}
