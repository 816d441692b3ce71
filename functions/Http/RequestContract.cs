using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Functions.Http;

/// <summary>
/// Reads a request type with System.Text.Json, and validates it by its DataAnnotations. It goes field by field, so that every
/// field that is wrong is named at once: the serializer alone would stop at the first. Unknown fields are ignored. Built with the
/// first request of its type.
/// </summary>
internal sealed class RequestContract
{
    private static readonly ConcurrentDictionary<Type, RequestContract> Contracts = new();

    private readonly Func<object> _create;

    private RequestContract(JsonTypeInfo json)
    {
        _create = json.CreateObject ?? throw new InvalidOperationException($"The properties of {json.Type} must be settable, and none of them 'required' or 'init'.");
        Fields = [.. json.Properties.Where(property => property.Set is not null).Select(property => new RequestField(property))];
    }

    /// <summary>The fields that a client may send.</summary>
    public IReadOnlyList<RequestField> Fields { get; }

    /// <summary>The contract of a request type.</summary>
    /// <exception cref="InvalidOperationException"><see cref="RequestJson"/> does not know the type.</exception>
    public static RequestContract Of(Type type) => Contracts.GetOrAdd(type, static type => new(RequestJson.Info(type)));

    /// <summary>Reads a JSON object, and adds an error for each field that is wrong.</summary>
    /// <param name="json">The object.</param>
    /// <param name="path">The name of the field that it is the value of; empty for the body.</param>
    /// <param name="errors">What is wrong.</param>
    public object Read(JsonElement json, string path, List<FieldError> errors)
    {
        if (json.ValueKind == JsonValueKind.Object && Values(json) is { } values)
        {
            return Read(field => values.GetValueOrDefault(field.Name), path.Length == 0 ? "" : $"{path}.", errors);
        }

        errors.Add(new(path.Length == 0 ? "body" : path, json.ValueKind == JsonValueKind.Object
            ? "must have field names that are valid Unicode"
            : "must be a JSON object"));
        return _create();
    }

    /// <summary>Reads fields from wherever they are; one that is absent is undefined.</summary>
    public object Read(Func<RequestField, JsonElement> find, string prefix, List<FieldError> errors)
    {
        var request = _create();
        var before = errors.Count;
        foreach (var field in Fields)
        {
            field.Read(find(field), request, prefix, errors);
        }

        if (errors.Count == before && request is IValidatableObject rules)
        {
            errors.AddRange(
                from result in rules.Validate(new ValidationContext(request))
                from member in result.MemberNames
                select new FieldError(prefix + JsonNamingPolicy.SnakeCaseLower.ConvertName(member), result.ErrorMessage!));
        }

        return request;
    }

    /// <summary>The values of an object by name: of one that comes twice the last counts. Null where one is no Unicode: JSON can spell half a surrogate pair (\ud83d).</summary>
    public static Dictionary<string, JsonElement>? Values(JsonElement json)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        try
        {
            foreach (var property in json.EnumerateObject())
            {
                values[property.Name] = property.Value;
            }

            return values;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>One field of a request.</summary>
internal sealed class RequestField
{
    private readonly JsonPropertyInfo _json;
    private readonly JsonTypeInfo _reading;
    private readonly RequestContract? _nested;
    private readonly RequestContract? _item;
    private readonly ValidationAttribute[] _rules;
    private readonly int? _mostItems;

    public RequestField(JsonPropertyInfo json)
    {
        _json = json;
        _reading = json.Options.GetTypeInfo(json.PropertyType);
        Property = (PropertyInfo)json.AttributeProvider!;
        (ValueType, IsNullable) = OptionalConverter.ValueOf(json);
        _nested = json.Options.GetTypeInfo(ValueType).Kind == JsonTypeInfoKind.Object ? RequestContract.Of(ValueType) : null;
        _item = ValueType.GetElementType() is { } item && json.Options.GetTypeInfo(item).Kind == JsonTypeInfoKind.Object ? RequestContract.Of(item) : null;
        _rules = [.. Property.GetCustomAttributes<ValidationAttribute>().Where(rule => rule is not RequiredAttribute)];
        _mostItems = _rules.OfType<MaxLengthAttribute>().SingleOrDefault()?.Length;
        IsRequired = Property.IsDefined(typeof(RequiredAttribute));
        IsNullable &= !IsRequired;
    }

    /// <summary>The property that it fills.</summary>
    public PropertyInfo Property { get; }

    /// <summary>The name on the wire.</summary>
    public string Name => _json.Name;

    /// <summary>The type of its value, without <see cref="Optional{T}"/> and <see cref="Nullable{T}"/>.</summary>
    public Type ValueType { get; }

    /// <summary>Whether it must be there, and not be null.</summary>
    public bool IsRequired { get; }

    /// <summary>Whether it may be null.</summary>
    public bool IsNullable { get; }

    /// <summary>Reads and validates a value into a request; undefined where the field is absent.</summary>
    public void Read(JsonElement value, object request, string prefix, List<FieldError> errors)
    {
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > _mostItems)
        {
            errors.Add(new(prefix + Name, TooMany(_mostItems.Value))); // and nothing of them is read: a body of 1 MiB has room for hundreds of thousands
            return;
        }

        var before = errors.Count;
        if (value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
        {
            _nested?.Read(value, prefix + Name, errors);
            if (_item is not null && value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object))
            {
                foreach (var (index, item) in value.EnumerateArray().Index())
                {
                    _item.Read(item, $"{prefix}{Name}[{index}]", errors);
                }
            }
        }

        if (errors.Count == before && Error(value, request) is { } error)
        {
            errors.Add(new(prefix + Name, error));
        }
    }

    // What is wrong with a value, reading on from the field's name; otherwise it is set.
    private string? Error(JsonElement value, object request)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            return IsRequired ? "is required" : null;
        }

        if (value.ValueKind == JsonValueKind.Null && !IsNullable)
        {
            return "must not be null";
        }

        object? read;
        try
        {
            read = value.Deserialize(_reading);
        }
        catch (RefusedValueException refused)
        {
            return refused.Reason;
        }
        catch (JsonException)
        {
            return $"must be {Expected}";
        }

        var given = read is IOptional optional ? optional.Value : read;
        if (given is not null && (Misfit(given, value) ?? Violation(given, request)) is { } error)
        {
            return error;
        }

        _json.Set!(request, read);
        return null;
    }

    // What the serializer lets pass: null in a list, a member's name in another case or several of them, and NUL, which PostgreSQL does not store.
    private string? Misfit(object given, JsonElement value) => given switch
    {
        object?[] items when items.Contains(null) => $"must be {Expected}",
        Enum member when RequestJson.NameOf(member) != value.GetString() => $"must be {Expected}",
        Array members when ValueType.GetElementType()!.IsEnum
            && !members.Cast<Enum>().Select(RequestJson.NameOf).SequenceEqual(value.EnumerateArray().Select(one => one.GetString()!)) => $"must be {Expected}",
        string text when text.Contains('\0') => "must not contain the character NUL",
        string[] items when items.Any(item => item.Contains('\0')) => "must not contain the character NUL",
        _ => null,
    };

    private string? Violation(object given, object request)
    {
        foreach (var rule in _rules)
        {
            if (rule.GetValidationResult(given, new ValidationContext(request) { MemberName = Name }) is { } failed)
            {
                return rule switch
                {
                    RangeAttribute { Maximum: double.MaxValue } range => $"must be at least {range.Minimum}",
                    RangeAttribute range => $"must be between {range.Minimum} and {range.Maximum}",
                    MaxLengthAttribute list => TooMany(list.Length),
                    _ => failed.ErrorMessage,
                };
            }
        }

        return null;
    }

    private static string TooMany(int most) => $"must have at most {most} entries";

    private string Expected => ValueType switch
    {
        { IsEnum: true } => OneOf(ValueType),
        { IsArray: true } when ValueType.GetElementType() is { IsEnum: true } element => OneOf(element),
        _ when ValueType == typeof(string) => "a string",
        _ when ValueType == typeof(string[]) => "an array of strings",
        _ when ValueType == typeof(bool) => "true or false",
        _ when ValueType == typeof(int) || ValueType == typeof(long) => "a whole number",
        _ when ValueType == typeof(Guid) => "a UUID",
        _ when ValueType == typeof(DateTimeOffset) => "an RFC 3339 instant such as 2026-03-01T09:30:00Z",
        _ when ValueType == typeof(DueDate) => DueDate.Expected,
        _ when ValueType == typeof(WrittenDueDate) => WrittenDueDate.Expected,
        _ when ValueType == typeof(EmailAddress) => EmailAddress.Expected,
        { IsArray: true } => "an array of JSON objects",
        _ => "a JSON object",
    };

    private static string OneOf(Type type) => $"one of {string.Join(", ", Enum.GetValues(type).Cast<Enum>().Select(RequestJson.NameOf))}";
}
