using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Assistant.Chat;

namespace TodoFlow.Functions.Chat;

/// <summary>Writes what happens in a turn as server-sent events, or only the response, as the client accepts it.</summary>
internal sealed class ChatEventStream(HttpResponse response) : IChatEvents
{
    private const string MediaType = "text/event-stream";

    private static readonly byte[] End = "\n\n"u8.ToArray();

    /// <summary>Runs a turn and responds.</summary>
    /// <param name="request">The request.</param>
    /// <param name="run">Runs the turn, and ends with its response.</param>
    /// <param name="ct">The invocation's token.</param>
    /// <exception cref="ProblemException">What was wrong, where the response has not begun.</exception>
    public static async Task<IResult> Respond(HttpRequest request, Func<IChatEvents, CancellationToken, Task<ChatResponse>> run, CancellationToken ct)
    {
        // Of a client that is gone the Functions host tells by the request alone.
        using var client = CancellationTokenSource.CreateLinkedTokenSource(ct, request.HttpContext.RequestAborted);
        if (!Accepts(request))
        {
            return TypedResults.Ok(await run(NoChatEvents.Instance, client.Token));
        }

        // Written here, and not by a result: until it is, the request holds its place among those that run at once.
        var stream = new ChatEventStream(request.HttpContext.Response);
        try
        {
            await stream.Write(ChatEvent.Done, await run(stream, client.Token), TodoFlowJson.Wire.ChatResponse, client.Token);
        }
        catch (ProblemException error) when (request.HttpContext.Response.HasStarted)
        {
            var json = request.HttpContext.RequestServices.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;
            await stream.Write(
                ChatEvent.Error, ProblemResponses.DetailsOf(request.HttpContext, error.Problem), (JsonTypeInfo<ProblemDetails>)json.GetTypeInfo(typeof(ProblemDetails)), client.Token);
        }

        return TypedResults.Empty;
    }

    /// <inheritdoc/>
    public Task Delta(ChatDelta said, CancellationToken ct) => Write(ChatEvent.Delta, said, TodoFlowJson.Wire.ChatDelta, ct);

    /// <inheritdoc/>
    public Task Tool(ChatToolProgress progress, CancellationToken ct) => Write(ChatEvent.Tool, progress, TodoFlowJson.Wire.ChatToolProgress, ct);

    /// <inheritdoc/>
    public Task ApprovalRequired(ChatApproval approval, CancellationToken ct) => Write(ChatEvent.ApprovalRequired, approval, TodoFlowJson.Wire.ChatApproval, ct);

    private static bool Accepts(HttpRequest request) => MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types)
        && types.Any(type => type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);

    // A client that is gone is noticed by whoever waits for the model.
    private async Task Write<T>(string name, T data, JsonTypeInfo<T> type, CancellationToken ct)
    {
        try
        {
            if (!response.HasStarted)
            {
                response.ContentType = MediaType;
                response.Headers["X-Accel-Buffering"] = "no"; // proxies pass each event on
            }

            await response.WriteAsync($"event: {name}\ndata: ", ct);
            await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(data, type), ct); // JSON has no line breaks
            await response.Body.WriteAsync(End, ct);
            await response.Body.FlushAsync(ct);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
        }
    }
}

/// <summary>An event of a turn: what stands behind <c>event:</c>, and the JSON behind <c>data:</c>. The last one is <c>done</c> or <c>error</c>.</summary>
[ServerSentEvent(Delta, typeof(ChatDelta))]
[ServerSentEvent(Tool, typeof(ChatToolProgress))]
[ServerSentEvent(ApprovalRequired, typeof(ChatApproval))]
[ServerSentEvent(Done, typeof(ChatResponse))]
[ServerSentEvent(Error, typeof(ProblemDetails))]
internal static class ChatEvent
{
    /// <summary>The assistant says more.</summary>
    public const string Delta = "delta";

    /// <summary>A tool begins or has ended.</summary>
    public const string Tool = "tool";

    /// <summary>A call waits for the user.</summary>
    public const string ApprovalRequired = "approval_required";

    /// <summary>The turn has ended.</summary>
    public const string Done = "done";

    /// <summary>The turn has failed.</summary>
    public const string Error = "error";
}
