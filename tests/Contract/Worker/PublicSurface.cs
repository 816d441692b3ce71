using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TodoFlow.Tests.Contract.Worker;

/// <summary>Writes an assembly's public types down, one set of lines for each, in the form of worker-api.txt.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>The lines of each public type, by its full name.</summary>
    public static Dictionary<string, IReadOnlyList<string>> Of(Assembly assembly) =>
        assembly.GetExportedTypes().ToDictionary(type => type.FullName!, type => (IReadOnlyList<string>)[Head(type), .. Members(type)]);

    private static string Head(Type type)
    {
        if (type.IsEnum)
            return $"enum {type.Name}";
        if (type.IsInterface)
            return $"interface {type.Name}";
        if (typeof(Delegate).IsAssignableFrom(type))
            return $"delegate {Method(type.GetMethod("Invoke")!, type.Name)}";
        if (typeof(Attribute).IsAssignableFrom(type))
            return $"attribute {type.Name} on {type.GetCustomAttribute<AttributeUsageAttribute>()?.ValidOn}";
        return $"{(type is { IsAbstract: true, IsSealed: true } ? "static" : type.IsAbstract ? "abstract" : "class")} {type.Name}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return Enum.GetValues(type).Cast<object>().Select(value => $"{value} = {Convert.ToInt32(value, CultureInfo.InvariantCulture)}");
        if (typeof(Delegate).IsAssignableFrom(type))
            return [];

        var instance = NewInstance(type);
        return type.GetConstructors().Select(constructor => Parameters(constructor))
            .Concat(type.GetProperties(Declared).Select(property => Property(property, instance)))
            .Concat(type.GetMethods(Declared).Where(method => !method.IsSpecialName).Select(method => Method(method, method.Name)))
            .Concat(type.GetFields(Declared).Select(field => $"field {field.Name}"))
            .Concat(type.GetEvents(Declared).Select(happening => $"event {happening.Name}"));
    }

    // With the shortest constructor, and parameters that say nothing.
    private static object? NewInstance(Type type) =>
        type.IsAbstract || type.GetConstructors().MinBy(constructor => constructor.GetParameters().Length) is not { } shortest
            ? null
            : shortest.Invoke([.. shortest.GetParameters().Select(parameter => parameter.ParameterType == typeof(string) ? "" : (object)0)]);

    private static string Property(PropertyInfo property, object? instance)
    {
        var text = $"{Name(Nullability.Create(property))} {property.Name} {{ get{(property.SetMethod?.IsPublic == true ? "; set" : "")} }}";
        // What a constructor sets is no default.
        var isParameter = property.DeclaringType!.GetConstructors()
            .SelectMany(constructor => constructor.GetParameters())
            .Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase));
        return instance is null || isParameter || property.GetValue(instance) is not { } value ? text : $"{text} = {Literal(value)}";
    }

    private static string Literal(object value) => value is IFormattable and (DateTime or DateTimeOffset)
        ? ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture)
        : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string Method(MethodInfo method, string name) => $"{Name(Nullability.Create(method.ReturnParameter))} {name}{Parameters(method)}";

    private static string Parameters(MethodBase method) => $"({string.Join(", ", method.GetParameters().Select(parameter =>
        $"{Modifier(method, parameter)}{Name(Nullability.Create(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.DefaultValue}" : "")}"))})";

    private static string Modifier(MethodBase method, ParameterInfo parameter) =>
        parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params "
        : parameter.Position == 0 && method.IsDefined(typeof(ExtensionAttribute)) ? "this "
        : "";

    private static string Name(NullabilityInfo info) => Name(info, info.ReadState == NullabilityState.Nullable);

    private static string Name(NullabilityInfo info, bool nullable)
    {
        var type = info.Type;
        var name = info.ElementType is { } element ? $"{Name(element)}[]"
            : type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", info.GenericTypeArguments.Select(Name))}>"
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
        return nullable && !type.IsValueType ? $"{name}?" : name;
    }
}
