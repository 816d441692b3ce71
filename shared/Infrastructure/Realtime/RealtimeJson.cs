using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;

namespace TodoFlow.Infrastructure.Realtime;

/// <summary>How messages to devices are written. Source-generated.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(TaskUpdateMessage))]
[JsonSerializable(typeof(ReminderMessage))]
public sealed partial class RealtimeJson : JsonSerializerContext
{
    /// <summary>What is written: text stays readable, since nothing of it is ever put into HTML. Its shapes are those of <see cref="Default"/>.</summary>
    public static RealtimeJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new UtcInstantConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
