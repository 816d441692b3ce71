using System.Diagnostics;
using System.Text.Json.Nodes;
using TodoFlow.Tests.Support.FunctionsHost.Rpc;

namespace TodoFlow.Tests.Support.FunctionsHost;

/// <summary>A function as the worker describes it to the host.</summary>
public sealed class WorkerFunction
{
    private WorkerFunction(FunctionMetadata metadata)
    {
        Metadata = metadata;
        Bindings = [.. metadata.RawBindings.Select(binding => JsonNode.Parse(binding)!.AsObject())];
        Trigger = Bindings.Single(binding => Text(binding, "type")!.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Its name.</summary>
    public string Name => Metadata.Name;

    /// <summary>Its id, by which it is loaded and invoked.</summary>
    public string Id => Metadata.FunctionId;

    /// <summary>Everything that the worker said of it.</summary>
    public FunctionMetadata Metadata { get; }

    /// <summary>Its bindings, as function.json had them.</summary>
    public IReadOnlyList<JsonObject> Bindings { get; }

    /// <summary>The binding that runs it.</summary>
    public JsonObject Trigger { get; }

    /// <summary>The kind of trigger: <c>httpTrigger</c>, <c>timerTrigger</c>, <c>kafkaTrigger</c>.</summary>
    public string TriggerType => Text(Trigger, "type")!;

    /// <summary>The parameter that the trigger's value is bound to.</summary>
    public string Parameter => Text(Trigger, "name")!;

    /// <summary>The HTTP methods, in upper case; null is every method.</summary>
    public IReadOnlyList<string>? Methods => Trigger["methods"]?.AsArray().Select(method => method!.GetValue<string>().ToUpperInvariant()).ToList();

    /// <summary>The HTTP route, without the prefix of host.json.</summary>
    public string Route => Text(Trigger, "route") ?? Name;

    /// <summary>Reads the worker's description.</summary>
    public static WorkerFunction Read(FunctionMetadata metadata) => new(metadata);

    /// <summary>A text of the trigger; null where it has none.</summary>
    public string? Setting(string name) => Text(Trigger, name);

    /// <summary>What the host tells the worker when it loads the function.</summary>
    public FunctionLoadRequest ToLoadRequest()
    {
        var request = new FunctionLoadRequest
        {
            FunctionId = Id,
            Metadata = new FunctionMetadata
            {
                Name = Name,
                Directory = Metadata.Directory,
                EntryPoint = Metadata.EntryPoint,
                ScriptFile = Metadata.ScriptFile,
                FunctionId = Id,
            },
        };
        foreach (var binding in Bindings)
        {
            request.Metadata.Bindings[Text(binding, "name")!] = new BindingInfo
            {
                Type = Text(binding, "type"),
                Direction = Enum.Parse<BindingInfo.Types.Direction>(Text(binding, "direction")!, ignoreCase: true),
            };
        }

        return request;
    }

    /// <summary>A new invocation, still without input: part of the trace that goes on here, or of a new one.</summary>
    public InvocationRequest ToInvocation() => new()
    {
        InvocationId = Guid.NewGuid().ToString(),
        FunctionId = Id,
        TraceContext = new TraceContext { TraceParent = Activity.Current?.Id ?? $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-00" },
    };

    private static string? Text(JsonObject binding, string name) => binding[name]?.ToString();
}
