using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace TodoFlow.Infrastructure.Assistant.Models;

/// <summary>
/// Puts a response of the Chat Completions API together, chunk by chunk. Providers differ: of several calls at once some number them, some
/// give all the same index, and some name no id.
/// </summary>
internal sealed class CompletionStream
{
    private const int MaxCalls = 32;
    private const int MaxArguments = 256 * 1024;

    private readonly List<JsonObject> _calls = [];
    private readonly Dictionary<int, JsonObject> _open = [];
    private UsageDetails? _usage;
    private string? _model;
    private ChatFinishReason? _finish;
    private int _length;

    /// <summary>Whether the provider said why it ended.</summary>
    public bool HasEnded => _finish is not null;

    /// <summary>Takes a chunk, or a whole response, and gives the text in it; null where it has none.</summary>
    /// <exception cref="ModelFailureException">It is none, or tells of a failure.</exception>
    public string? Add(string data)
    {
        try
        {
            var chunk = JsonNode.Parse(data)!.AsObject();
            if (chunk["error"] is not null)
            {
                throw ModelFailureException.Unavailable(null);
            }

            _model ??= (string?)chunk["model"];
            if (chunk["usage"] is JsonObject usage)
            {
                _usage = new()
                {
                    InputTokenCount = (long?)usage["prompt_tokens"],
                    OutputTokenCount = (long?)usage["completion_tokens"],
                    TotalTokenCount = (long?)usage["total_tokens"],
                };
            }

            if (chunk["choices"] is not JsonArray { Count: > 0 } choices)
            {
                return null;
            }

            var choice = choices[0]!.AsObject();
            _finish = (string?)choice["finish_reason"] is { } reason ? new(reason) : _finish;
            var said = (choice["delta"] ?? choice["message"])?.AsObject();
            foreach (var call in said?["tool_calls"]?.AsArray() ?? [])
            {
                Add(call!.AsObject());
            }

            return (string?)said?["content"];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or NullReferenceException)
        {
            throw ModelFailureException.Broken(error);
        }
    }

    /// <summary>What remains when the stream has ended: the calls of tools, and what it took.</summary>
    public ChatResponseUpdate End()
    {
        var ids = new HashSet<string>();
        foreach (var call in _calls)
        {
            if ((string?)call["id"] is not { Length: > 0 } id || !ids.Add(id))
            {
                ids.Add((string)(call["id"] = $"call_{Guid.NewGuid():N}")!);
            }

            call["type"] ??= "function";
        }

        var update = new ChatResponseUpdate(ChatRole.Assistant, [.. _calls.Select(ToolCalls.Of)]) { FinishReason = _finish, ModelId = _model };
        if (_usage is not null)
        {
            update.Contents.Add(new UsageContent(_usage));
        }

        return update;
    }

    private void Add(JsonObject part)
    {
        var index = (int?)part["index"] ?? _calls.Count;
        var id = (string?)part["id"];
        if (!_open.TryGetValue(index, out var call) || (id is { Length: > 0 } && (string?)call["id"] is { Length: > 0 } before && before != id))
        {
            call = (JsonObject)part.DeepClone();
            call.Remove("index");
            call["function"] ??= new JsonObject();
            _open[index] = call;
            _calls.Add(call);
            Count(call["function"]!["arguments"]?.ToString());
            return;
        }

        foreach (var (name, value) in part)
        {
            if (name == "function")
            {
                var (function, more) = (call["function"]!.AsObject(), value!.AsObject());
                Count(more["arguments"]?.ToString());
                function["name"] = (string?)function["name"] is { Length: > 0 } known ? known : (string?)more["name"];
                function["arguments"] = (string?)function["arguments"] + (string?)more["arguments"];
            }
            else if (name != "index" && value is not null && call[name] is null)
            {
                call[name] = value.DeepClone();
            }
        }
    }

    private void Count(string? arguments)
    {
        _length += arguments?.Length ?? 0;
        if (_calls.Count > MaxCalls || _length > MaxArguments)
        {
            throw ModelFailureException.Broken(null);
        }
    }
}
