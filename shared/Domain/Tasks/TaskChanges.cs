using System.Text.Json;
using System.Text.Json.Nodes;

namespace TodoFlow.Domain.Tasks;

/// <summary>One field of a task that changed.</summary>
/// <param name="Field">Its name on the wire.</param>
/// <param name="Old">Its value before, as JSON.</param>
/// <param name="New">Its value after, as JSON.</param>
public sealed record FieldChange(string Field, JsonNode? Old, JsonNode? New);

/// <summary>What a client's stale edit overwrote.</summary>
/// <param name="BaseVersion">The version that the client had.</param>
/// <param name="Overwritten">The fields that others had changed since, and that this edit changed again.</param>
public sealed record TaskConflict(long BaseVersion, IReadOnlyList<FieldChange> Overwritten);

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
