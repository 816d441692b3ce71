using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;

namespace TodoFlow.Domain.Tasks;

/// <summary>How tasks and their changes are written: snake_case, instants in UTC. Source-generated.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(TaskResponse))]
[JsonSerializable(typeof(TaskConflict))]
[JsonSerializable(typeof(IReadOnlyList<FieldChange>))]
[JsonSerializable(typeof(Dictionary<string, JsonNode?>))]
public sealed partial class TaskJson : JsonSerializerContext
{
    /// <summary>What is written: text stays readable, since nothing of it is ever put into HTML. Its shapes are those of <see cref="Default"/>.</summary>
    public static TaskJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new UtcInstantConverter(), new TaskResponseConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
