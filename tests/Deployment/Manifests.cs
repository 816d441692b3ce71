using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace TodoFlow.Tests.Deployment;

/// <summary>A Kubernetes manifest.</summary>
public sealed record Manifest(JsonObject Json)
{
    /// <summary>Its kind.</summary>
    public string Kind => Text("kind");

    /// <summary>Its name.</summary>
    public string Name => Text("metadata.name");

    /// <summary>Its label <c>app.kubernetes.io/component</c>: a function group, of most.</summary>
    public string? Component => Json["metadata"]!["labels"]?["app.kubernetes.io/component"]?.GetValue<string>();

    /// <summary>Whether the pods take their environment variables from it.</summary>
    public bool HoldsSettings => Kind is "ConfigMap" or "Secret" && Component is null;

    /// <summary>What it specifies.</summary>
    public JsonNode Spec => Json["spec"]!;

    /// <summary>The pod that it makes; null where it makes none.</summary>
    public JsonNode? PodSpec => Kind switch
    {
        "Deployment" or "StatefulSet" or "Job" => Spec["template"]!["spec"],
        "Pod" => Spec,
        _ => null,
    };

    /// <summary>The containers of the pod that it makes.</summary>
    public IEnumerable<JsonNode> Containers => PodSpec is { } pod
        ? (pod["initContainers"]?.AsArray() ?? []).Concat(pod["containers"]!.AsArray()).Select(container => container!)
        : [];

    /// <summary>The triggers of a ScaledObject.</summary>
    public IEnumerable<JsonNode> Triggers => Spec["triggers"]!.AsArray().Select(trigger => trigger!);

    /// <summary>A text by its path.</summary>
    public string Text(string path) => path.Split('.').Aggregate((JsonNode)Json, (node, name) => node[name]!).GetValue<string>();

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Name}";

    /// <summary>Reads the documents of a YAML text.</summary>
    public static List<Manifest> ReadAll(string yaml) => [.. ReadYaml(yaml).OfType<JsonObject>().Select(json => new Manifest(json))];

    /// <summary>Reads the documents of a YAML text as JSON.</summary>
    public static IEnumerable<JsonNode?> ReadYaml(string yaml)
    {
        var deserializer = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var parser = new Parser(new StringReader(yaml));
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
        {
            yield return ToJson(deserializer.Deserialize(parser));
        }
    }

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        IDictionary<object, object> map => new JsonObject(map.Select(entry => KeyValuePair.Create($"{entry.Key}", ToJson(entry.Value)))),
        IList<object> list => new JsonArray([.. list.Select(ToJson)]),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        _ => JsonValue.Create(Convert.ToDouble(value)),
    };
}
