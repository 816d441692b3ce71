using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Calendar;

namespace TodoFlow.Functions.Http;

/// <summary>
/// How one type of field is read, from JSON and from a query string, and how OpenAPI describes it.
/// The one table of what a request may carry.
/// </summary>
/// <param name="Expected">What is expected, after "must be".</param>
/// <param name="Schema">Its JSON Schema.</param>
/// <param name="FromJson">Reads a JSON value that is not null; null where it does not fit.</param>
/// <param name="FromText">Reads the text of a query parameter; null where it does not fit.</param>
public sealed record FieldType(string Expected, JsonObject Schema, Func<JsonElement, object?> FromJson, Func<string, object?> FromText)
{
    private static readonly Dictionary<Type, FieldType> Known = new()
    {
        [typeof(string)] = new("a string", new() { ["type"] = "string" },
            json => json.ValueKind == JsonValueKind.String ? ReadText(json) : null,
            text => text),
        [typeof(bool)] = new("true or false", new() { ["type"] = "boolean" },
            json => json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : null,
            text => text switch { "true" => true, "false" => false, _ => null }),
        [typeof(int)] = new("a whole number", new() { ["type"] = "integer", ["format"] = "int32" },
            json => json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out var value) ? value : null,
            text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null),
        [typeof(long)] = new("a whole number", new() { ["type"] = "integer", ["format"] = "int64" },
            json => json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var value) ? value : null,
            text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null),
        [typeof(Guid)] = Text("a UUID", "uuid", text => Guid.TryParseExact(text, "D", out var value) ? value : null),
        [typeof(DateTimeOffset)] = Text("an RFC 3339 instant such as 2026-03-01T09:30:00Z", "date-time",
            text => DueDate.TryParseInstant(text, out var value) ? value : null),
        [typeof(EmailAddress)] = Text(EmailAddress.Expected, "email", text => EmailAddress.TryParse(text, out var value) ? value : null),
        [typeof(DueDate)] = new(DueDate.Expected,
            new() { ["type"] = "string", ["anyOf"] = new JsonArray(new JsonObject { ["format"] = "date-time" }, new JsonObject { ["format"] = "date" }) },
            json => json.ValueKind == JsonValueKind.String && DueDate.TryParse(ReadText(json), out var value) ? value : null,
            text => DueDate.TryParse(text, out var value) ? value : null),
        [typeof(string[])] = new("an array of strings", new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
            json => json.ValueKind == JsonValueKind.Array ? ReadTexts(json) : null,
            text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
    };

    /// <summary>The type of a property; null for a nested request, which is read field by field.</summary>
    public static FieldType? Of(Type type) => type.IsEnum ? Enumeration(type) : Known.GetValueOrDefault(type);

    private static FieldType Text(string expected, string format, Func<string, object?> parse) =>
        new(expected, new() { ["type"] = "string", ["format"] = format },
            json => json.ValueKind == JsonValueKind.String && ReadText(json) is { } text ? parse(text) : null,
            parse);

    private static FieldType Enumeration(Type type)
    {
        var members = Enum.GetValues(type).Cast<object>().ToDictionary(
            member => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.ToString()!), StringComparer.Ordinal);
        var names = new JsonArray([.. members.Keys.Select(name => (JsonNode)name)]);
        return new($"one of {string.Join(", ", members.Keys)}", new() { ["type"] = "string", ["enum"] = names },
            json => json.ValueKind == JsonValueKind.String && ReadText(json) is { } text ? members.GetValueOrDefault(text) : null,
            members.GetValueOrDefault);
    }

    // JSON can spell half a surrogate pair (\ud83d), which no UTF-8 can hold.
    private static string? ReadText(JsonElement json)
    {
        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string[]? ReadTexts(JsonElement json)
    {
        var items = new List<string>(json.GetArrayLength());
        foreach (var item in json.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || ReadText(item) is not { } text)
            {
                return null;
            }

            items.Add(text);
        }

        return [.. items];
    }
}
