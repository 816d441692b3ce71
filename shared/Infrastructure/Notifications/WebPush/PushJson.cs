using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>How messages to browsers are written. Source-generated.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(PushMessage))]
public sealed partial class PushJson : JsonSerializerContext
{
    /// <summary>What is written: text stays readable, since nothing of it is ever put into HTML. Its shapes are those of <see cref="Default"/>.</summary>
    public static PushJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new UtcInstantConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
