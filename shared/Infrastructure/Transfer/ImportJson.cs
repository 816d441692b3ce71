using System.Text.Json;
using TodoFlow.Domain.Calendar;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>Reads what JSON files of others hold: a field that is missing, null or of another type is null.</summary>
internal static class ImportJson
{
    /// <summary>A field; undefined where it is missing.</summary>
    public static JsonElement Get(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;

    /// <summary>A text.</summary>
    public static string? Text(this JsonElement json, string name) => json.Get(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A whole number.</summary>
    public static int? Number(this JsonElement json, string name) => json.Get(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : null;

    /// <summary>A UUID.</summary>
    public static Guid? Id(this JsonElement json, string name) => Guid.TryParse(json.Text(name), out var id) ? id : null;

    /// <summary>An instant.</summary>
    public static DateTimeOffset? Instant(this JsonElement json, string name) => DueDate.TryParseInstant(json.Text(name), out var instant) ? instant : null;

    /// <summary>The entries of a list; none where there is no list.</summary>
    public static IEnumerable<JsonElement> List(this JsonElement json, string name) => json.Get(name).Entries();

    /// <summary>The entries of a list; none where it is none.</summary>
    public static IEnumerable<JsonElement> Entries(this JsonElement json) => json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : [];
}
