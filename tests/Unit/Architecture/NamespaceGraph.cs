using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace TodoFlow.Tests.Unit.Architecture;

/// <summary>Which namespaces of TodoFlow use which others, as their compiled code does: constants and documentation leave no trace there.</summary>
internal sealed class NamespaceGraph
{
    private const string Ours = "TodoFlow";

    // By namespace: the namespaces that it uses, each with one use as an example.
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _uses = new(StringComparer.Ordinal);

    /// <summary>The graph of all types in some assemblies.</summary>
    public static NamespaceGraph Of(params IEnumerable<Assembly> assemblies)
    {
        var graph = new NamespaceGraph();
        foreach (var assembly in assemblies)
        {
            using var module = ModuleDefinition.ReadModule(assembly.Location);
            foreach (var type in module.GetAllTypes().Where(type => Outermost(type).Namespace.StartsWith(Ours, StringComparison.Ordinal)))
            {
                graph.Add(type);
            }
        }

        return graph;
    }

    /// <summary>The uses that lie on a circle, or between two; none where the namespaces have an order.</summary>
    public IReadOnlyList<string> Circles()
    {
        // Whoever uses none of those that are left, or is used by none of them, lies on no circle.
        var left = _uses.Keys.ToHashSet(StringComparer.Ordinal);
        while (left.RemoveWhere(name => !_uses[name].Keys.Any(left.Contains) || !left.Any(other => _uses[other].ContainsKey(name))) > 0)
        {
        }

        return [.. left.Order(StringComparer.Ordinal).SelectMany(name => _uses[name].Where(used => left.Contains(used.Key)).Select(used => $"{name} -> {used.Key}: {used.Value}"))];
    }

    private void Add(TypeDefinition type)
    {
        var user = Outermost(type);
        foreach (var used in References(type).SelectMany(Parts).Select(Outermost))
        {
            if (used.Namespace != user.Namespace && used.Namespace.StartsWith(Ours, StringComparison.Ordinal))
            {
                if (!_uses.TryGetValue(user.Namespace, out var ofUser))
                {
                    _uses.Add(user.Namespace, ofUser = new(StringComparer.Ordinal));
                }

                ofUser.TryAdd(used.Namespace, $"{user.Name} uses {used.Name}");
            }
        }
    }

    private static IEnumerable<TypeReference?> References(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(one => one.InterfaceType),
        .. type.GenericParameters.SelectMany(Constraints),
        .. type.CustomAttributes.SelectMany(Attribute),
        .. type.Fields.SelectMany(field => field.CustomAttributes.SelectMany(Attribute).Prepend(field.FieldType)),
        .. type.Properties.SelectMany(property => property.CustomAttributes.SelectMany(Attribute)),
        .. type.Methods.SelectMany(Method),
    ];

    private static IEnumerable<TypeReference?> Method(MethodDefinition method) =>
    [
        .. Signature(method),
        .. method.GenericParameters.SelectMany(Constraints),
        .. method.CustomAttributes.SelectMany(Attribute),
        .. method.Parameters.SelectMany(parameter => parameter.CustomAttributes.SelectMany(Attribute)),
        .. method.HasBody ? method.Body.Variables.Select(variable => variable.VariableType) : [],
        .. method.HasBody ? method.Body.Instructions.SelectMany(Operand) : [],
    ];

    private static IEnumerable<TypeReference?> Operand(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        FieldReference field => [field.DeclaringType, field.FieldType],
        GenericInstanceMethod method => [method.DeclaringType, .. Signature(method), .. method.GenericArguments],
        MethodReference method => [method.DeclaringType, .. Signature(method)],
        _ => [],
    };

    private static IEnumerable<TypeReference?> Signature(MethodReference method) =>
        method.Parameters.Select(parameter => parameter.ParameterType).Prepend(method.ReturnType);

    private static IEnumerable<TypeReference?> Constraints(GenericParameter parameter) => parameter.Constraints.Select(constraint => constraint.ConstraintType);

    private static IEnumerable<TypeReference?> Attribute(CustomAttribute attribute) =>
        attribute.ConstructorArguments.Select(argument => argument.Value).OfType<TypeReference>().Prepend(attribute.AttributeType);

    // What a type is made of: the elements of arrays, the arguments of generic types.
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Prepend(generic.ElementType),
        TypeSpecification specification => Parts(specification.ElementType),
        _ => [type],
    };

    private static TypeReference Outermost(TypeReference type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
