using System.Globalization;
using System.Reflection;

namespace TodoFlow.Tests.Contract.Worker;

/// <summary>Writes a public type down in the form of worker-api.txt.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The lines of a type.</summary>
    public static IReadOnlyList<string> Of(Type type) => [Head(type), .. Members(type)];

    private static string Head(Type type)
    {
        if (type.IsEnum)
        {
            return $"enum {type.Name}";
        }

        if (typeof(Attribute).IsAssignableFrom(type))
        {
            return $"attribute {type.Name} on {type.GetCustomAttribute<AttributeUsageAttribute>()?.ValidOn}";
        }

        return $"class {type.Name}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetValues(type).Cast<object>().Select(value => $"{value} = {Convert.ToInt32(value, CultureInfo.InvariantCulture)}");
        }

        var instance = NewInstance(type);
        return type.GetConstructors().Select(constructor => Parameters(constructor))
            .Concat(type.GetProperties(Declared).Select(property => Property(property, instance)))
            .Concat(type.GetMethods(Declared).Where(method => !method.IsSpecialName).Select(method => Method(method, method.Name)))
            .Concat(type.GetFields(Declared).Select(field => $"field {field.Name}"));
    }

    // With the shortest constructor, and parameters that say nothing.
    private static object? NewInstance(Type type) =>
        type.IsAbstract || type.GetConstructors().MinBy(constructor => constructor.GetParameters().Length) is not { } shortest
            ? null
            : shortest.Invoke([.. shortest.GetParameters().Select(parameter => parameter.ParameterType == typeof(string) ? "" : (object)0)]);

    private static string Property(PropertyInfo property, object? instance)
    {
        var text = $"{Name(property.PropertyType)} {property.Name} {{ get{(property.SetMethod?.IsPublic == true ? "; set" : "")} }}";
        // What a constructor sets is no default.
        var isParameter = property.DeclaringType!.GetConstructors()
            .SelectMany(constructor => constructor.GetParameters())
            .Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase));
        return instance is null || isParameter || property.GetValue(instance) is not { } value ? text : $"{text} = {Literal(value)}";
    }

    private static string Literal(object value) => value is IFormattable and (DateTime or DateTimeOffset)
        ? ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture)
        : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string Method(MethodInfo method, string name) => $"{Name(method.ReturnType)} {name}{Parameters(method)}";

    private static string Parameters(MethodBase method) => $"({string.Join(", ", method.GetParameters().Select(parameter =>
        $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.DefaultValue}" : "")}"))})";

    private static string Name(Type type) =>
        type.GetElementType() is { } element ? $"{Name(element)}[]"
        : Type.GetTypeCode(type) switch
        {
            _ when type.IsEnum => type.Name,
            TypeCode.String => "string",
            TypeCode.Int32 => "int",
            TypeCode.Int64 => "long",
            TypeCode.Boolean => "bool",
            TypeCode.Byte => "byte",
            _ => type == typeof(object) ? "object" : type.Name,
        };
}
