using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace TodoFlow.Domain.Tasks;

/// <summary>One field of a task that changed.</summary>
/// <param name="Field">Its name on the wire.</param>
/// <param name="Old">Its value before, as JSON.</param>
/// <param name="New">Its value after, as JSON.</param>
public sealed record FieldChange(string Field, JsonNode? Old, JsonNode? New)
{
    /// <summary>How many characters of a text are kept where changes are kept: in events and in the history.</summary>
    public const int LongestText = 500;

    /// <summary>The whole text before; absent where <see cref="Old"/> is all of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CutText? OldCut { get; init; }

    /// <summary>The whole text after; absent where <see cref="New"/> is all of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CutText? NewCut { get; init; }

    /// <summary>The change with the beginnings of long texts, so that a history of many edits stays short.</summary>
    public FieldChange Shortened()
    {
        var (old, now) = (CutText.Of(Old), CutText.Of(New));
        return old is null && now is null ? this : new(Field, old?.Beginning ?? Old, now?.Beginning ?? New) { OldCut = old?.Whole, NewCut = now?.Whole };
    }
}

/// <summary>A text of which only the beginning is kept.</summary>
/// <param name="Length">Its characters, as UTF-16 counts them.</param>
/// <param name="Sha256">SHA-256 of its UTF-8, in hexadecimal: tells whether two texts are the same.</param>
public sealed record CutText(int Length, string Sha256)
{
    /// <summary>The beginning of a text that is too long to be kept, and what tells the whole; null of every other value.</summary>
    internal static (JsonNode Beginning, CutText Whole)? Of(JsonNode? value)
    {
        if (value is not JsonValue single || !single.TryGetValue(out string? text) || text.Length <= FieldChange.LongestText)
        {
            return null;
        }

        var end = char.IsHighSurrogate(text[FieldChange.LongestText - 1]) ? FieldChange.LongestText - 1 : FieldChange.LongestText;
        return (JsonValue.Create(text[..end]), new(text.Length, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))));
    }
}

/// <summary>What a client's stale edit overwrote.</summary>
/// <param name="BaseVersion">The version that the client had.</param>
/// <param name="Overwritten">The fields that others had changed since, and that this edit changed again.</param>
public sealed record TaskConflict(long BaseVersion, IReadOnlyList<FieldChange> Overwritten)
{
    /// <summary>The conflict with the beginnings of long texts.</summary>
    public TaskConflict Shortened() => this with { Overwritten = [.. Overwritten.Select(change => change.Shortened())] };
}

/// <summary>Tells two states of a task apart, field by field.</summary>
public static class TaskChanges
{
    /// <summary>The fields that differ, apart from those that count every change (<c>version</c>, <c>updated_at</c>).</summary>
    public static IReadOnlyList<FieldChange> Between(TaskResponse before, TaskResponse after)
    {
        var (old, now) = (Fields(before), Fields(after));
        return [.. now
            .Where(field => field.Key is not ("version" or "updated_at") && !JsonNode.DeepEquals(old[field.Key], field.Value))
            .Select(field => new FieldChange(field.Key, old[field.Key]?.DeepClone(), field.Value?.DeepClone()))];
    }

    private static JsonObject Fields(TaskResponse task) =>
        JsonSerializer.SerializeToNode(task, TaskJson.Default.TaskResponse)!.AsObject();
}
