using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.OpenApi;

/// <summary>
/// The JSON Schemas (2020-12, as OpenAPI 3.1 has them) of what is read and written: requests from their <see cref="RequestShape"/>,
/// which reads them, and answers from <see cref="TodoFlowJson"/>, which writes them.
/// </summary>
internal sealed class ApiSchemas(XmlDocumentation documentation)
{
    private readonly SortedDictionary<string, JsonObject> _components = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Type Type, bool IsRequest)> _owners = new(StringComparer.Ordinal);

    /// <summary>Every schema with a name that was asked for.</summary>
    public JsonObject Components => new(_components.Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value.DeepClone())));

    /// <summary>Puts a schema that no type describes under a name.</summary>
    public void Add(string name, JsonObject schema) => _components.Add(name, schema);

    /// <summary>The schema of a request's body.</summary>
    public JsonObject Request(Type type) => Reference(type, isRequest: true, () =>
    {
        var properties = new JsonObject();
        var needed = new JsonArray();
        foreach (var field in RequestShape.Of(type).Fields)
        {
            var schema = Field(field);
            properties[field.Name] = field.IsNullable && !field.IsNeeded ? OrNull(schema) : schema;
            if (field.IsNeeded)
            {
                needed.Add(field.Name);
            }
        }

        var result = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (needed.Count > 0)
        {
            result["required"] = needed;
        }

        return result;
    });

    /// <summary>A body made of the examples of its fields; null where none has one.</summary>
    public static JsonObject? Example(Type type)
    {
        var fields = RequestShape.Of(type).Fields.Select(field => KeyValuePair.Create(field.Name, Example(field))).Where(field => field.Value is not null).ToList();
        return fields.Count > 0 ? new JsonObject(fields) : null;
    }

    /// <summary>The schema of one field of a request, apart from whether it may be null.</summary>
    public JsonObject Field(RequestShape.Field field)
    {
        var schema = field.Nested is { } nested ? Request(nested.Type)
            : field.ValueType.IsEnum ? Enumeration(field.ValueType)
            : field.Type!.Schema.DeepClone().AsObject();
        foreach (var rule in field.Rules)
        {
            rule.Describe(schema);
        }

        if (field.Default is not null)
        {
            schema["default"] = JsonSerializer.SerializeToNode(field.Default);
        }

        if (Example(field) is { } example)
        {
            schema["examples"] = new JsonArray(example);
        }

        return Described(schema, field.About ?? documentation.Summary(field.Property));
    }

    /// <summary>The schema of an answer's body.</summary>
    public JsonNode Answer(Type type)
    {
        var info = TodoFlowJson.Default.GetTypeInfo(type)
            ?? throw new InvalidOperationException($"{type} is not among the types that TodoFlowJson writes.");
        return info.Kind == JsonTypeInfoKind.Object ? Object(info) : Export(info);
    }

    private JsonObject Object(JsonTypeInfo info) => Reference(info.Type, isRequest: false, () => Export(info).AsObject());

    private JsonObject Enumeration(Type type) => Reference(type, isRequest: false, () => FieldType.Of(type)!.Schema.DeepClone().AsObject());

    private JsonNode Export(JsonTypeInfo info) => info.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, exported) => Refine(context, exported, isRoot: context.Path.IsEmpty),
    });

    /// <summary>Names what has a name, and says what the exporter cannot know of converters.</summary>
    private JsonNode Refine(JsonSchemaExporterContext context, JsonNode exported, bool isRoot)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (isRoot)
        {
            return context.TypeInfo.Kind == JsonTypeInfoKind.Object ? RequireAll(exported.AsObject(), context.TypeInfo) : exported;
        }

        var named = type.IsEnum ? Enumeration(type)
            : type == typeof(DateTimeOffset) ? new JsonObject { ["type"] = "string", ["format"] = "date-time" } // by UtcInstantConverter
            : context.TypeInfo.Kind == JsonTypeInfoKind.Object ? Object(context.TypeInfo)
            : null;
        var nullable = type != context.TypeInfo.Type || context.PropertyInfo is { IsGetNullable: true };
        var schema = named is null ? exported as JsonObject ?? [] : nullable ? OrNull(named) : named;
        schema.Remove("default"); // of a constructor's parameter: nothing that is written is left to it
        if (FieldType.Of(type)?.Schema["format"] is { } format && !schema.ContainsKey("format") && schema.ContainsKey("type"))
        {
            schema["format"] = format.DeepClone();
        }

        return context.PropertyInfo?.AttributeProvider is PropertyInfo property ? Described(schema, documentation.Summary(property)) : schema;
    }

    /// <summary>Every property is written, unless it says that null is left out.</summary>
    private static JsonObject RequireAll(JsonObject schema, JsonTypeInfo info)
    {
        var optional = info.Properties
            .Where(property => property.AttributeProvider?.IsDefined(typeof(JsonIgnoreAttribute), inherit: true) == true)
            .Select(property => property.Name);
        var names = schema["properties"]?.AsObject().Select(property => property.Key).Except(optional) ?? [];
        schema["required"] = new JsonArray([.. names.Select(name => (JsonNode)name)]);
        return schema;
    }

    private static JsonNode? Example(RequestShape.Field field)
    {
        if (field.Example is not { } example)
        {
            return field.Nested is { } nested ? Example(nested.Type) : null;
        }

        var values = example.Select(value => JsonSerializer.SerializeToNode(value)).ToArray();
        return field.ValueType.IsArray ? new JsonArray(values) : values.Single()!;
    }

    private JsonObject Reference(Type type, bool isRequest, Func<JsonObject> describe)
    {
        if (_owners.TryAdd(type.Name, (type, isRequest)))
        {
            _components[type.Name] = Described(describe(), documentation.Summary(type));
        }
        else if (_owners[type.Name] != (type, isRequest))
        {
            throw new InvalidOperationException($"Two schemas have the name {type.Name}: a type is either read or written, and has a name of its own.");
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{type.Name}" };
    }

    private static JsonObject Described(JsonObject schema, string? description)
    {
        if (description is not null)
        {
            schema["description"] = description;
        }

        return schema;
    }

    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is { } type)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
            return schema;
        }

        // What says something about the value stays beside the choice.
        var choice = new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["$ref"] = schema["$ref"]!.DeepClone() }, new JsonObject { ["type"] = "null" }) };
        foreach (var (name, value) in schema.Where(keyword => keyword.Key != "$ref"))
        {
            choice[name] = value?.DeepClone();
        }

        return choice;
    }
}
