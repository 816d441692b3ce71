using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Functions.Http;

/// <summary>
/// Reads a request type from JSON or from a query string, field by field, and names everything that is wrong at once.
/// Unknown fields are ignored. A nullable property may be null or absent; an <see cref="Optional{T}"/> tells the two apart.
/// </summary>
public sealed class RequestShape
{
    private static readonly ConcurrentDictionary<Type, RequestShape> Shapes = new();

    private RequestShape(Type type)
    {
        Type = type;
        Fields = [.. type.GetProperties().Where(property => property.CanWrite).Select(property => new Field(property))];
    }

    /// <summary>The request type.</summary>
    public Type Type { get; }

    /// <summary>Its fields, in the order of its properties.</summary>
    public IReadOnlyList<Field> Fields { get; }

    /// <summary>The shape of a request type.</summary>
    public static RequestShape Of(Type type) => Shapes.GetOrAdd(type, static type => new RequestShape(type));

    /// <summary>Reads a JSON object.</summary>
    public object Read(JsonElement json, string path, List<FieldError> errors)
    {
        var result = Activator.CreateInstance(Type)!;
        if (json.ValueKind != JsonValueKind.Object)
        {
            errors.Add(new(path.Length == 0 ? "body" : path, "must be a JSON object"));
            return result;
        }

        if (!HasReadableNames(json))
        {
            errors.Add(new(path.Length == 0 ? "body" : path, "must have field names that are valid Unicode"));
            return result;
        }

        foreach (var field in Fields)
        {
            var name = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            if (!json.TryGetProperty(field.Name, out var value))
            {
                field.Missing(name, errors);
            }
            else if (value.ValueKind == JsonValueKind.Null)
            {
                field.SetNull(result, name, errors);
            }
            else if (field.Nested is { } nested)
            {
                field.Set(result, nested.Read(value, name, errors), name, errors);
            }
            else
            {
                field.Set(result, field.Type!.FromJson(value), name, errors);
            }
        }

        return result;
    }

    // JSON can spell half a surrogate pair (\ud83d), on which the search for any other name would fail.
    private static bool HasReadableNames(JsonElement json)
    {
        try
        {
            foreach (var property in json.EnumerateObject())
            {
                _ = property.Name;
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Reads a query string. A repeated parameter is a list; of one that is no list the last counts.</summary>
    public object Read(IQueryCollection query, List<FieldError> errors)
    {
        var result = Activator.CreateInstance(Type)!;
        foreach (var field in Fields)
        {
            if (!query.TryGetValue(field.Name, out var values) || values.Count == 0)
            {
                field.Missing(field.Name, errors);
            }
            else
            {
                var text = field.Type!.Schema["type"]!.GetValue<string>() == "array" ? string.Join(',', values!) : values[^1]!;
                field.Set(result, field.Type.FromText(text), field.Name, errors);
            }
        }

        return result;
    }

    /// <summary>One field of a request.</summary>
    public sealed class Field
    {
        private readonly ConstructorInfo? _optional;
        private readonly RuleAttribute[] _rules;

        internal Field(PropertyInfo property)
        {
            Property = property;
            Name = property.GetCustomAttribute<WireNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
            var type = property.PropertyType;
            IsNullable = new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Optional<>))
            {
                IsNullable = new NullabilityInfoContext().Create(property).GenericTypeArguments[0].WriteState == NullabilityState.Nullable;
                type = type.GenericTypeArguments[0];
                _optional = property.PropertyType.GetConstructor([type]);
            }

            type = Nullable.GetUnderlyingType(type) ?? type;
            ValueType = type;
            Type = FieldType.Of(type);
            Nested = Type is null ? Of(type) : null;
            IsNeeded = property.IsDefined(typeof(NeededAttribute));
            Default = property.GetCustomAttribute<DefaultAttribute>()?.Value;
            Example = property.GetCustomAttribute<ExampleAttribute>()?.Values;
            About = property.GetCustomAttribute<AboutAttribute>()?.Text;
            _rules = [.. property.GetCustomAttributes<RuleAttribute>()];
        }

        /// <summary>The property that it fills.</summary>
        public PropertyInfo Property { get; }

        /// <summary>The type of its value, without <see cref="Optional{T}"/> and <see cref="Nullable{T}"/>.</summary>
        public Type ValueType { get; }

        /// <summary>The name on the wire.</summary>
        public string Name { get; }

        /// <summary>How it is read; null where it is <see cref="Nested"/>.</summary>
        public FieldType? Type { get; }

        /// <summary>The shape of an object inside the request.</summary>
        public RequestShape? Nested { get; }

        /// <summary>Whether it must be named.</summary>
        public bool IsNeeded { get; }

        /// <summary>Whether it may be null.</summary>
        public bool IsNullable { get; }

        /// <summary>What it is where it is not named.</summary>
        public object? Default { get; }

        /// <summary>What it may look like: the value, or the entries of a list.</summary>
        public IReadOnlyList<object>? Example { get; }

        /// <summary>What it means.</summary>
        public string? About { get; }

        /// <summary>What its value must keep.</summary>
        public IReadOnlyList<RuleAttribute> Rules => _rules;

        internal void Missing(string name, List<FieldError> errors)
        {
            if (IsNeeded)
            {
                errors.Add(new(name, "is required"));
            }
        }

        internal void SetNull(object target, string name, List<FieldError> errors)
        {
            if (!IsNullable || IsNeeded)
            {
                errors.Add(new(name, "must not be null"));
            }
            else if (_optional is not null)
            {
                Property.SetValue(target, _optional.Invoke([null]));
            }
        }

        internal void Set(object target, object? value, string name, List<FieldError> errors)
        {
            var wrong = value switch
            {
                null => $"must be {Type!.Expected}",
                string text => TextError(text),
                string[] texts => texts.Select(TextError).FirstOrDefault(error => error is not null),
                _ => null,
            };
            wrong ??= _rules.Select(rule => rule.Check(value!)).FirstOrDefault(error => error is not null);
            if (wrong is not null)
            {
                errors.Add(new(name, wrong));
                return;
            }

            Property.SetValue(target, _optional is null ? value : _optional.Invoke([value]));
        }

        // PostgreSQL stores no NUL in text, and a query string can spell half a surrogate pair.
        private static string? TextError(string text)
        {
            if (text.Contains('\0'))
            {
                return "must not contain the character NUL";
            }

            return text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && HasLoneSurrogate(text) ? "must be valid Unicode" : null;
        }

        private static bool HasLoneSurrogate(string text)
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
