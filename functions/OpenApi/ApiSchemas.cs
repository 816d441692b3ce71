using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Calendar;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Infrastructure.Realtime;

namespace TodoFlow.Functions.OpenApi;

/// <summary>
/// The JSON Schemas of what is read and written, by <see cref="JsonSchemaExporter"/> from the contracts that read requests
/// (<see cref="RequestJson"/>) and write responses (<see cref="TodoFlowJson"/>). Whatever has a name becomes a component.
/// </summary>
internal sealed class ApiSchemas(OpenApiDocument document, XmlDocumentation documentation)
{
    // What converters read and write, of which the exporter knows nothing, and the formats that it leaves out.
    private static readonly Dictionary<Type, string> Known = new()
    {
        [typeof(int)] = """{"type": "integer", "format": "int32"}""",
        [typeof(long)] = """{"type": "integer", "format": "int64"}""",
        [typeof(Guid)] = """{"type": "string", "format": "uuid"}""",
        [typeof(JsonElement)] = """{"type": "object"}""",
        [typeof(DateTimeOffset)] = """{"type": "string", "format": "date-time"}""",
        [typeof(EmailAddress)] = """{"type": "string", "format": "email"}""",
        [typeof(WrittenDueDate)] = """
            {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}, {"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?$"}]}
            """,
        [typeof(DueDate)] = """{"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]}""",
    };

    private readonly Dictionary<string, Type> _components = new(StringComparer.Ordinal);

    /// <summary>The schema of a request's body.</summary>
    public IOpenApiSchema Request(Type type) => Parse(Named(RequestJson.Info(type))!);

    /// <summary>The schema of a response's body.</summary>
    public IOpenApiSchema Response(Type type) => TodoFlowJson.Default.GetTypeInfo(type) is { } info
        ? Parse(Named(info) ?? Export(info))
        : throw new InvalidOperationException($"{type} is not among the types that TodoFlowJson writes.");

    /// <summary>A reference to the schema of a message to a device or a browser.</summary>
    public JsonObject Message(Type type) =>
        (RealtimeJson.Default.GetTypeInfo(type) ?? PushJson.Default.GetTypeInfo(type)) is { } info && Named(info) is { } reference
            ? reference
            : throw new InvalidOperationException($"{type} is not among the messages that RealtimeJson and PushJson write.");

    /// <summary>The schema of each event of a stream: its name and its data, as they stand in two lines of it.</summary>
    /// <param name="stream">The type whose attributes name the events.</param>
    public IOpenApiSchema Events(Type stream)
    {
        if (_components.TryAdd(stream.Name, stream))
        {
            var events = stream.GetCustomAttributes<ServerSentEventAttribute>().Select(one => new JsonObject
            {
                ["type"] = "object",
                ["required"] = new JsonArray("event", "data"),
                ["properties"] = new JsonObject
                {
                    ["event"] = new JsonObject { ["type"] = "string", ["const"] = one.Name },
                    ["data"] = one.Data == typeof(ProblemDetails) ? Reference("Problem") : Named(TodoFlowJson.Default.GetTypeInfo(one.Data)!),
                },
            });
            var schema = new JsonObject { ["oneOf"] = new JsonArray([.. events]) };
            Set(schema, "description", documentation.Summary(stream));
            document.AddComponent(stream.Name, Parse(schema));
        }

        return Parse(Reference(stream.Name));
    }

    /// <summary>The schema of a query parameter, which is never null, and its description.</summary>
    public (IOpenApiSchema Schema, string? Description) Parameter(RequestField field)
    {
        var schema = Value(RequestJson.Info(field.ValueType));
        Describe(schema, field.Property, Example(field.Property, field.ValueType));
        schema.Remove("description", out var description);
        return (Parse(schema), (string?)description);
    }

    /// <summary>The schema of a route's parameter.</summary>
    public static IOpenApiSchema PathParameter(bool isId) => new OpenApiSchema { Type = JsonSchemaType.String, Format = isId ? "uuid" : null };

    /// <summary>A body made of the examples of its fields; null where none has one.</summary>
    public static JsonObject? Example(Type type)
    {
        var fields = RequestContract.Of(type).Fields.Select(field => KeyValuePair.Create(field.Name, Example(field.Property, field.ValueType))).Where(field => field.Value is not null).ToList();
        return fields.Count > 0 ? new(fields) : null;
    }

    private static JsonNode? Example(PropertyInfo property, Type type)
    {
        if (property.GetCustomAttribute<ExampleAttribute>()?.Values is not { } example)
        {
            return RequestJson.Info(type).Kind == JsonTypeInfoKind.Object ? Example(type) : null;
        }

        var values = example.Select(value => JsonSerializer.SerializeToNode(value)).ToArray();
        return type.IsArray ? new JsonArray(values) : values.Single();
    }

    private JsonNode Export(JsonTypeInfo info) => info.GetJsonSchemaAsNode(new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, exported) => context.Path.IsEmpty ? exported : Refine(context, exported),
    });

    private JsonObject Refine(JsonSchemaExporterContext context, JsonNode exported)
    {
        var (type, isNullable) = context.PropertyInfo is { } json
            ? OptionalConverter.ValueOf(json)
            : (Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type, false);
        var schema = type == context.TypeInfo.Type && exported is JsonObject known && !Known.ContainsKey(type) && !IsNamed(context.TypeInfo)
            ? known
            : Value(context.TypeInfo.Options.GetTypeInfo(type));
        if (schema["type"] is JsonArray types)
        {
            schema["type"] = types.Select(one => one!.GetValue<string>()).First(one => one != "null");
        }

        schema.Remove("default"); // of a constructor's parameter: nothing that is written is left to it
        if (context.PropertyInfo?.AttributeProvider is PropertyInfo property)
        {
            Describe(schema, property, RequestJson.Reads(context.TypeInfo) ? Example(property, type) : null);
            isNullable &= !property.IsDefined(typeof(RequiredAttribute));
        }

        return isNullable ? OrNull(schema) : schema;
    }

    // A type's schema, apart from whether it may be null.
    private JsonObject Value(JsonTypeInfo info) =>
        Known.TryGetValue(info.Type, out var known) ? JsonNode.Parse(known)!.AsObject() : Named(info) ?? Export(info) as JsonObject ?? [];

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private static bool IsNamed(JsonTypeInfo info) => info.Kind == JsonTypeInfoKind.Object || info.Type.IsEnum;

    private JsonObject? Named(JsonTypeInfo info)
    {
        if (!IsNamed(info))
        {
            return null;
        }

        var name = info.Type.Name;
        if (_components.TryAdd(name, info.Type))
        {
            var schema = Export(info).AsObject();
            if (info.Type.IsEnum)
            {
                schema["type"] = "string";
            }
            else
            {
                schema["required"] = Required(info);
            }

            Set(schema, "description", documentation.Summary(info.Type));
            document.AddComponent(name, Parse(schema));
        }

        return _components[name] == info.Type
            ? Reference(name)
            : throw new InvalidOperationException($"Two types of the API have the name {name}.");
    }

    // A request has what it must; a response everything, unless it says that null is left out.
    private static JsonArray Required(JsonTypeInfo info) => [.. info.Properties
        .Where(property => RequestJson.Reads(info)
            ? property.AttributeProvider!.IsDefined(typeof(RequiredAttribute), inherit: true)
            : property.AttributeProvider?.IsDefined(typeof(JsonIgnoreAttribute), inherit: true) != true)
        .Select(property => (JsonNode)property.Name)];

    private void Describe(JsonObject schema, PropertyInfo property, JsonNode? example)
    {
        foreach (var attribute in property.GetCustomAttributes())
        {
            switch (attribute)
            {
                case TextLengthAttribute text:
                    Set(schema, "minLength", text.MinimumLength > 0 ? text.MinimumLength : null);
                    schema["maxLength"] = text.MaximumLength;
                    break;
                case NoControlCharactersAttribute when schema["type"] is JsonValue type && (string?)type == "string":
                    schema["pattern"] = NoControlCharactersAttribute.Pattern;
                    break;
                case MaxLengthAttribute list:
                    schema["maxItems"] = list.Length;
                    break;
                case ItemLengthAttribute item:
                    schema["items"] = new JsonObject { ["type"] = "string", ["minLength"] = item.MinimumLength, ["maxLength"] = item.MaximumLength };
                    break;
                case RangeAttribute range:
                    schema["minimum"] = Convert.ToInt64(range.Minimum, CultureInfo.InvariantCulture);
                    Set(schema, "maximum", range.Maximum is double.MaxValue ? null : Convert.ToInt64(range.Maximum, CultureInfo.InvariantCulture));
                    break;
                case AllowedValuesAttribute allowed:
                    schema["enum"] = new JsonArray([.. allowed.Values.Select(value => JsonSerializer.SerializeToNode(value))]);
                    break;
                case DefaultValueAttribute value:
                    schema["default"] = JsonSerializer.SerializeToNode(value.Value);
                    break;
            }
        }

        Set(schema, "examples", example is null ? null : new JsonArray(example));
        Set(schema, "description", property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? documentation.Summary(property));
    }

    // What says something about the value stays beside the choice.
    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is JsonValue type)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
        }
        else if (schema.Remove("$ref", out var reference))
        {
            schema["anyOf"] = new JsonArray(new JsonObject { ["$ref"] = reference }, new JsonObject { ["type"] = "null" });
        }

        return schema;
    }

    private static void Set(JsonObject schema, string keyword, JsonNode? value)
    {
        if (value is not null)
        {
            schema[keyword] = value;
        }
    }

    private IOpenApiSchema Parse(JsonNode schema)
    {
        var parsed = schema["$ref"] is { } reference
            ? new OpenApiSchemaReference(((string)reference!).Split('/')[^1], document) { Default = schema["default"]?.DeepClone() }
            : (IOpenApiSchema?)OpenApiModelFactory.Parse<OpenApiSchema>(schema.ToJsonString(), OpenApiSpecVersion.OpenApi3_1, document, out _, "json");
        return parsed ?? throw new InvalidOperationException($"Microsoft.OpenApi cannot read the schema {schema}.");
    }
}
