using System.Text.Json;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Web;

/// <summary>
/// The scripted model, as the scripts of <c>web/e2e</c> write it down: POST <c>/model</c> with a list of what it does next, in place of what it has
/// not done yet. <c>{"says": ["I ", "will."]}</c> streams a text in pieces, <c>{"calls": [["add_tasks", {…}]]}</c> calls tools, and
/// <c>{"breaksAfter": "I"}</c> ends the connection. With <c>"held": true</c> the first piece of a text is sent at once, and the others when POST
/// <c>/model/go</c> comes. POST <c>/broken-stream</c> is an event of a turn, and, when
/// <c>/model/go</c> comes, the end of the connection.
/// </summary>
internal sealed class PageModel : IAsyncDisposable
{
    private readonly ScriptedModel _model;
    private TaskCompletionSource _go = new();

    private PageModel(ScriptedModel model) => _model = model;

    /// <summary>Where it is reached, for <c>Chat:Endpoint</c>.</summary>
    public Uri Address => _model.Address;

    /// <summary>Starts it.</summary>
    public static async Task<PageModel> Start() => new(await ScriptedModel.Start());

    /// <summary>Lets scripts say what it does.</summary>
    public void Map(WebApplication control)
    {
        control.MapPost("/model", async http =>
        {
            _model.Clear();
            _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
            foreach (var step in (await http.Request.ReadFromJsonAsync<JsonElement>(http.RequestAborted)).EnumerateArray())
            {
                Add(step);
            }
        });
        control.MapPost("/model/go", (RequestDelegate)(_ =>
        {
            _go.TrySetResult();
            return Task.CompletedTask;
        }));
        control.MapPost("/broken-stream", async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync("event: delta\ndata: {\"text\":\"I will\"}\n\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await _go.Task.WaitAsync(http.RequestAborted); // what a connection has not delivered when it breaks is lost
            http.Abort();
        });
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _go.TrySetResult();
        return _model.DisposeAsync();
    }

    private void Add(JsonElement step)
    {
        if (step.TryGetProperty("calls", out var calls))
        {
            _model.Calls([.. calls.EnumerateArray().Select(call => (call[0].GetString()!, (object)call[1]))]);
        }
        else if (step.TryGetProperty("breaksAfter", out var text))
        {
            _model.BreaksAfter(text.GetString()!);
        }
        else
        {
            string[] pieces = [.. step.GetProperty("says").EnumerateArray().Select(piece => piece.GetString()!)];
            Says(pieces, isHeld: step.TryGetProperty("held", out var held) && held.GetBoolean());
        }
    }

    private void Says(string[] pieces, bool isHeld)
    {
        if (!isHeld)
        {
            _model.Says(pieces);
            return;
        }

        var go = _go.Task;
        _model.Does(async http =>
        {
            await ScriptedModel.Write(http, Piece(pieces[0]));
            await go.WaitAsync(http.RequestAborted);
            await ScriptedModel.Write(http, [.. pieces[1..].Select(Piece), ScriptedModel.Finish("stop"), ScriptedModel.Usage(100, 10)]);
            await http.Response.WriteAsync("data: [DONE]\n\n", http.RequestAborted);
        });

        static System.Text.Json.Nodes.JsonObject Piece(string text) => ScriptedModel.Delta(new() { ["content"] = text });
    }
}
