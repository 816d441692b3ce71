using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TodoFlow.Functions.OpenApi;

/// <summary>
/// What the code says of itself, as text for OpenAPI: the XML files that the compiler writes beside the assemblies. Where a
/// file is missing, the document has no descriptions.
/// </summary>
internal sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, XElement> _members = new(StringComparer.Ordinal);

    /// <summary>Reads the files of the assemblies.</summary>
    public XmlDocumentation(params IEnumerable<Assembly> assemblies)
    {
        foreach (var file in assemblies.Select(assembly => Path.ChangeExtension(assembly.Location, ".xml")).Where(File.Exists))
        {
            foreach (var member in XDocument.Load(file).Descendants("member"))
            {
                _members[(string)member.Attribute("name")!] = member;
            }
        }
    }

    /// <summary>The summary of a type.</summary>
    public string? Summary(Type type) => Summary($"T:{Name(type)}");

    /// <summary>The summary of a method.</summary>
    public string? Summary(MethodInfo method)
    {
        var parameters = string.Join(',', method.GetParameters().Select(parameter => Name(parameter.ParameterType)));
        return Summary($"M:{Name(method.DeclaringType!)}.{method.Name}{(parameters.Length > 0 ? $"({parameters})" : "")}");
    }

    /// <summary>The summary of a property, which of a record's parameter stands with the record.</summary>
    public string? Summary(PropertyInfo property)
    {
        var type = Name(property.DeclaringType!);
        return Summary($"P:{type}.{property.Name}")
            ?? Text(_members.GetValueOrDefault($"T:{type}")?.Elements("param").FirstOrDefault(param => (string?)param.Attribute("name") == property.Name));
    }

    private string? Summary(string id)
    {
        var member = _members.GetValueOrDefault(id);
        return (string?)member?.Element("inheritdoc")?.Attribute("cref") is { } inherited && member.Element("summary") is null
            ? Summary(inherited)
            : Text(member?.Element("summary"));
    }

    private static string? Text(XElement? element)
    {
        if (element is null)
        {
            return null;
        }

        var text = new StringBuilder();
        foreach (var node in element.Nodes())
        {
            text.Append(node switch
            {
                XText plain => plain.Value,
                XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
                XElement reference => ((string?)reference.Attribute("cref") ?? (string?)reference.Attribute("name") ?? reference.Value).Split('.', ':')[^1],
                _ => "",
            });
        }

        return WhiteSpace().Replace(text.ToString(), " ").Trim();
    }

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
