using System.Text.Json;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>Reads what a model sent by the rules of requests. A field that the tool's schema does not name is wrong, too: it would be left out silently.</summary>
internal static class ToolArguments
{
    /// <summary>The fields of an object.</summary>
    /// <param name="json">The object; nothing at all is an empty one.</param>
    /// <param name="schema">Its schema.</param>
    /// <exception cref="ProblemException">400: it is no object, or has others than the schema.</exception>
    public static Dictionary<string, JsonElement> Fields(JsonElement json, JsonElement schema)
    {
        if (json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return [];
        }

        if (json.ValueKind != JsonValueKind.Object || RequestContract.Values(json) is not { } fields)
        {
            throw Problem.Invalid("arguments", "must be a JSON object").AsException();
        }

        var known = schema.GetProperty("properties");
        var unknown = fields.Keys.Where(name => !known.TryGetProperty(name, out _)).ToList();
        return unknown.Count == 0 ? fields : throw Problem.Invalid([.. unknown.Select(name => new FieldError(
            name, $"is not known here; known are {string.Join(", ", known.EnumerateObject().Select(property => property.Name))}"))]).AsException();
    }

    /// <summary>Reads fields as a <typeparamref name="T"/>; null clears a field where the request's type allows it.</summary>
    /// <exception cref="ProblemException">400 that names each field that is wrong.</exception>
    public static T Read<T>(IReadOnlyDictionary<string, JsonElement> fields)
        where T : class
    {
        var errors = new List<FieldError>();
        var read = (T)RequestContract.Of(typeof(T)).Read(field => fields.GetValueOrDefault(field.Name), "", errors);
        return errors.Count == 0 ? read : throw Problem.Invalid(errors).AsException();
    }

    /// <summary>Whether the due date is a local time whose zone neither a field nor the recurrence names.</summary>
    public static bool LacksZone(IReadOnlyDictionary<string, JsonElement> fields) =>
        !fields.ContainsKey("time_zone")
        && Text(fields, "due_date") is { } due && WrittenDueDate.TryParse(due, out var written) && written.IsLocal
        && Text(fields, "recurrence")?.Contains("TZID", StringComparison.Ordinal) != true;

    /// <summary>A field's text; null where it has none.</summary>
    public static string? Text(IReadOnlyDictionary<string, JsonElement> fields, string name) =>
        fields.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
