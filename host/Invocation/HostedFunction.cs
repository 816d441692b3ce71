using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace TodoFlow.Host.Invocation;

/// <summary>A function as the host found it: what runs it, how it is retried, and what calls it.</summary>
public sealed class HostedFunction : FunctionDefinition
{
    private readonly FunctionInvoker _invoker;

    internal HostedFunction(string name, MethodInfo method, Trigger trigger, RetryPolicy retry, SignalROutputAttribute? signalR)
    {
        Name = name;
        Method = method;
        Trigger = trigger;
        Retry = retry;
        SignalROutput = signalR;
        EntryPoint = $"{method.DeclaringType!.FullName}.{method.Name}";
        PathToAssembly = method.DeclaringType.Assembly.Location;
        InputBindings = ImmutableDictionary<string, BindingMetadata>.Empty
            .Add(trigger.Parameter, new TriggerMetadata(trigger.Parameter, trigger.BindingType));
        _invoker = new FunctionInvoker(name, method, trigger);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>The function's name: names are unique and do not change between starts.</summary>
    public override string Id => Name;

    /// <inheritdoc/>
    public override string EntryPoint { get; }

    /// <inheritdoc/>
    public override string PathToAssembly { get; }

    /// <inheritdoc/>
    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; }

    /// <inheritdoc/>
    public override IImmutableDictionary<string, BindingMetadata> OutputBindings => ImmutableDictionary<string, BindingMetadata>.Empty;

    /// <inheritdoc/>
    public override ImmutableArray<FunctionParameter> Parameters => [.. Method.GetParameters().Select(parameter => new FunctionParameter(parameter.Name!, parameter.ParameterType))];

    /// <summary>The method.</summary>
    public MethodInfo Method { get; }

    /// <summary>What runs the function.</summary>
    public Trigger Trigger { get; }

    /// <summary>What happens when an invocation fails.</summary>
    public RetryPolicy Retry { get; }

    /// <summary>Where the messages that the function returns are sent; null where it returns none.</summary>
    public SignalROutputAttribute? SignalROutput { get; }

    /// <summary>Creates the function's class in the invocation's scope and calls the method.</summary>
    internal Task Invoke(InvocationContext context) => _invoker.Invoke(context);

    private sealed class TriggerMetadata(string name, string type) : BindingMetadata
    {
        public override string Name { get; } = name;

        public override string Type { get; } = type;

        public override BindingDirection Direction => BindingDirection.In;
    }
}
