using System.Text.Json;
using Microsoft.Extensions.AI;
using TodoFlow.Infrastructure.Assistant.Tools;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>One message of the user's, and all that it led to: as it is stored.</summary>
public sealed class ChatTurn
{
    // The types of Microsoft.Extensions.AI know how they are written.
    private static readonly JsonSerializerOptions Json = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    /// <summary>Its id, by which what it adds is known.</summary>
    public required Guid Id { get; init; }

    /// <summary>What the user wrote.</summary>
    public required string Message { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What answered.</summary>
    public required ChatMode Mode { get; init; }

    /// <summary>When it last went on.</summary>
    public DateTimeOffset AnsweredAt { get; set; }

    /// <summary>The model's responses one after the other, each with the results of the tools that it called.</summary>
    public List<ChatRound> Rounds { get; init; } = [];

    /// <summary>What was committed.</summary>
    public List<ToolAction> Actions { get; init; } = [];

    /// <summary>What needed an approval.</summary>
    public List<ChatApproval> Approvals { get; init; } = [];

    /// <summary>How many tasks its calls might have changed.</summary>
    public int Changes { get; set; }

    /// <summary>Whether the model has read texts of tasks that look like instructions, in this turn or in one before.</summary>
    public bool ReadInstructions { get; set; }

    /// <summary>What TodoFlow itself says at the end, such as that the model failed.</summary>
    public string? Note { get; set; }

    /// <summary>How many responses called tools.</summary>
    internal int ToolRounds => Rounds.Count(round => round.Calls.Any());

    /// <summary>Whether something in it waits for the user.</summary>
    internal bool HasPending => Approvals.Exists(approval => approval.Status == ApprovalStatus.Pending);

    /// <summary>What the assistant said.</summary>
    internal string Text => TextFrom(0);

    /// <summary>What the assistant said from one of its responses on.</summary>
    internal string TextFrom(int round) => string.Join("\n\n", Rounds.Skip(round).Select(round => round.Answer.Text.Trim()).Append(Note).Where(text => !string.IsNullOrEmpty(text)));

    /// <summary>The turn as a model is given it. A call that nobody approved has a result that says so: every call must have one.</summary>
    internal IEnumerable<ChatMessage> ToMessages()
    {
        yield return new(ChatRole.User, Message);
        foreach (var round in Rounds)
        {
            yield return round.Answer;
            foreach (var call in round.Calls)
            {
                yield return new(ChatRole.Tool, [new FunctionResultContent(call.CallId, round.Results.TryGetValue(call.CallId, out var result) ? result : NotApproved)]);
            }
        }
    }

    /// <summary>What a model is told of a call that the user did not approve.</summary>
    internal static JsonElement NotApproved { get; } =
        JsonSerializer.SerializeToElement(new { error = new { code = "not_approved", detail = "The user did not approve this call. Nothing was changed by it. Do not try it again unless the user asks." } });

    internal string Write() => JsonSerializer.Serialize(this, Json);

    internal static ChatTurn Read(string stored) => JsonSerializer.Deserialize<ChatTurn>(stored, Json)!;
}

/// <summary>One response of the model.</summary>
public sealed class ChatRound
{
    /// <summary>What it said, and which tools it called.</summary>
    public required ChatMessage Answer { get; init; }

    /// <summary>The results of its calls by their ids; a call that waits has none.</summary>
    public Dictionary<string, JsonElement> Results { get; init; } = [];

    /// <summary>The approvals that its calls wait for, by the calls' ids.</summary>
    public Dictionary<string, Guid> Waiting { get; init; } = [];

    /// <summary>The calls.</summary>
    internal IEnumerable<FunctionCallContent> Calls => Answer.Contents.OfType<FunctionCallContent>();
}
