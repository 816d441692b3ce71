using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace TodoFlow.Tests.Support;

/// <summary>An OpenAI-compatible endpoint that says what a test has written down, over real HTTP. It remembers what it was asked.</summary>
public sealed class ScriptedModel : IAsyncDisposable
{
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _script = new();
    private readonly WebApplication _app;

    private ScriptedModel(WebApplication app) => _app = app;

    /// <summary>Where it is reached: the base of <c>chat/completions</c>.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/v1beta/openai/");

    /// <summary>What it was asked, in that order.</summary>
    public ConcurrentQueue<JsonObject> Requests { get; } = new();

    /// <summary>The header Authorization of each request.</summary>
    public ConcurrentQueue<string> Authorizations { get; } = new();

    /// <summary>The last request.</summary>
    public JsonObject Last => Requests.Last();

    /// <summary>Starts it.</summary>
    public static async Task<ScriptedModel> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var model = new ScriptedModel(app);
        app.MapPost("/v1beta/openai/chat/completions", model.Serve);
        await app.StartAsync();
        return model;
    }

    /// <summary>The next response is a text, in pieces.</summary>
    public ScriptedModel Says(params string[] pieces) => Streams([.. pieces.Select(piece => Delta(new JsonObject { ["content"] = piece })), Finish("stop"), Usage(100, 10)]);

    /// <summary>The next response calls tools.</summary>
    public ScriptedModel Calls(params (string Name, object Arguments)[] calls) =>
        Streams([.. calls.Select((call, index) => Delta(new JsonObject { ["tool_calls"] = new JsonArray(Call(index, $"call_{Guid.NewGuid():N}", call.Name, Text(call.Arguments))) })), Finish("tool_calls"), Usage(100, 10)]);

    /// <summary>The next response is these chunks, and the end of the stream.</summary>
    public ScriptedModel Streams(params JsonObject[] chunks) => Does(async http =>
    {
        await Write(http, chunks);
        await http.Response.WriteAsync("data: [DONE]\n\n");
    });

    /// <summary>The next response is a status.</summary>
    public ScriptedModel Fails(int status, string? retryAfter = null) => Does(http =>
    {
        http.Response.StatusCode = status;
        if (retryAfter is not null)
        {
            http.Response.Headers.RetryAfter = retryAfter;
        }

        return http.Response.WriteAsJsonAsync(new { error = new { message = "scripted", code = status } });
    });

    /// <summary>The next response begins with a text, and its connection breaks.</summary>
    public ScriptedModel BreaksAfter(string text) => Does(async http =>
    {
        await Write(http, Delta(new JsonObject { ["content"] = text }));
        http.Abort();
    });

    /// <summary>The next response is what this does.</summary>
    public ScriptedModel Does(Func<HttpContext, Task> respond)
    {
        _script.Enqueue(respond);
        return this;
    }

    /// <summary>Forgets what was asked, and what was not said yet.</summary>
    public void Clear()
    {
        _script.Clear();
        Requests.Clear();
        Authorizations.Clear();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>A chunk with a part of the message.</summary>
    public static JsonObject Delta(JsonObject delta) => new()
    {
        ["id"] = "chunk",
        ["object"] = "chat.completion.chunk",
        ["model"] = "scripted-1",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = null }),
    };

    /// <summary>A call of a tool, as it stands in a chunk.</summary>
    public static JsonObject Call(int index, string id, string name, string arguments) => new()
    {
        ["index"] = index,
        ["id"] = id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments },
    };

    /// <summary>The chunk that says why the message ends.</summary>
    public static JsonObject Finish(string reason) => new()
    {
        ["model"] = "scripted-1",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = new JsonObject(), ["finish_reason"] = reason }),
    };

    /// <summary>The chunk that says how many tokens it took.</summary>
    public static JsonObject Usage(int prompt, int completion) => new()
    {
        ["choices"] = new JsonArray(),
        ["usage"] = new JsonObject { ["prompt_tokens"] = prompt, ["completion_tokens"] = completion, ["total_tokens"] = prompt + completion },
    };

    /// <summary>Writes chunks, each at once.</summary>
    public static async Task Write(HttpContext http, params JsonObject[] chunks)
    {
        if (!http.Response.HasStarted)
        {
            http.Response.ContentType = "text/event-stream";
        }

        foreach (var chunk in chunks)
        {
            await http.Response.WriteAsync($"data: {chunk.ToJsonString()}\n\n");
            await http.Response.Body.FlushAsync();
        }
    }

    private static string Text(object arguments) => arguments as string ?? JsonSerializer.Serialize(arguments);

    private async Task Serve(HttpContext http)
    {
        Requests.Enqueue((await JsonSerializer.DeserializeAsync<JsonObject>(http.Request.Body))!);
        Authorizations.Enqueue(http.Request.Headers.Authorization.ToString());
        if (_script.TryDequeue(out var respond))
        {
            await respond(http);
        }
        else
        {
            http.Response.StatusCode = StatusCodes.Status418ImATeapot; // the test did not expect to be asked
        }
    }
}
