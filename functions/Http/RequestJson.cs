using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Functions.Http;

/// <summary>Names the source-generated context that knows the types that requests are read as.</summary>
/// <param name="context">The context; made with the options that <see cref="RequestJson"/> reads with.</param>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class RequestTypesAttribute(Type context) : Attribute
{
    /// <summary>The context.</summary>
    public Type Context { get; } = context;
}

/// <summary>
/// How requests are read: snake_case, instants as RFC 3339. Source-generated, so that the first request need not wait for
/// reflection; the generator can set a field by itself only where its property has <c>set</c>, not <c>init</c>.
/// </summary>
internal static class RequestJson
{
    // The features name their types at the assembly, so that what serves them all refers to none.
    private static readonly JsonSerializerContext Context = (JsonSerializerContext)Activator.CreateInstance(
        typeof(RequestJson).Assembly.GetCustomAttribute<RequestTypesAttribute>()!.Context,
        new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Converters =
            {
                new OptionalConverter(),
                new TextConverter<DateTimeOffset>(DueDate.TryParseInstant, DueDate.RangeError),
                new TextConverter<DueDate>(DueDate.TryParse!, DueDate.RangeError),
                new TextConverter<WrittenDueDate>(WrittenDueDate.TryParse!, WrittenDueDate.RangeError),
                new TextConverter<EmailAddress>(EmailAddress.TryParse!),
            },
        })!;

    /// <summary>How a type is read.</summary>
    /// <exception cref="InvalidOperationException"><c>RequestTypes</c> does not name the type.</exception>
    public static JsonTypeInfo Info(Type type) => Context.Options.GetTypeInfo(type);

    /// <summary>Whether a type is read in this way.</summary>
    public static bool Reads(JsonTypeInfo type) => type.Options == Context.Options;

    /// <summary>A member's name on the wire.</summary>
    public static string NameOf(Enum member) => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.ToString());
}

/// <summary>A value is of the right form, and cannot be taken for a reason that its field is told.</summary>
internal sealed class RefusedValueException(string reason) : JsonException(reason)
{
    /// <summary>What the value must be.</summary>
    public string Reason { get; } = reason;
}

/// <summary>Reads a value that JSON has as a string.</summary>
/// <param name="parse">Reads a text.</param>
/// <param name="refuse">Why a text that was not read is refused; null where it is not of the form.</param>
internal sealed class TextConverter<T>(TextConverter<T>.TryParse parse, Func<string?, string?>? refuse = null) : JsonConverter<T>
{
    /// <summary>Reads a text; false where it does not fit.</summary>
    public delegate bool TryParse(string? text, out T value);

    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return text is not null && parse(text, out var value) ? value
            : throw (refuse?.Invoke(text) is { } reason ? new RefusedValueException(reason) : new JsonException());
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>Reads a field that may be absent, which is not the same as null, as <see cref="Optional{T}"/>.</summary>
internal sealed class OptionalConverter : JsonConverterFactory
{
    /// <summary>The type of a property's value, without <see cref="Optional{T}"/> and <see cref="Nullable{T}"/>, and whether it may be null.</summary>
    public static (Type Type, bool IsNullable) ValueOf(JsonPropertyInfo property)
    {
        if (!IsOptional(property.PropertyType))
        {
            return (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, property.IsGetNullable);
        }

        var value = new NullabilityInfoContext().Create((PropertyInfo)property.AttributeProvider!).GenericTypeArguments[0];
        return (Nullable.GetUnderlyingType(value.Type) ?? value.Type, value.ReadState == NullabilityState.Nullable);
    }

    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => IsOptional(typeToConvert);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert.GenericTypeArguments))!;

    private static bool IsOptional(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Optional<>);

    private sealed class Converter<T> : JsonConverter<Optional<T>>
    {
        public override bool HandleNull => true;

        public override Optional<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize(ref reader, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)))!);

        public override void Write(Utf8JsonWriter writer, Optional<T> value, JsonSerializerOptions options) => throw new NotSupportedException();
    }
}
