using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>One invocation of a function.</summary>
public abstract class FunctionContext
{
    /// <summary>The key under which the HTTP integration keeps the request's HttpContext in <see cref="Items"/>.</summary>
    internal const string HttpContextKey = "HttpRequestContext";

    /// <summary>The invocation's id.</summary>
    public abstract string InvocationId { get; }

    /// <summary>The function's id.</summary>
    public abstract string FunctionId { get; }

    /// <summary>The distributed trace that the invocation belongs to.</summary>
    public abstract TraceContext TraceContext { get; }

    /// <summary>The raw data of the trigger.</summary>
    public abstract BindingContext BindingContext { get; }

    /// <summary>The retry that this invocation is.</summary>
    public abstract RetryContext RetryContext { get; }

    /// <summary>The services of this invocation's scope.</summary>
    public abstract IServiceProvider InstanceServices { get; set; }

    /// <summary>The function.</summary>
    public abstract FunctionDefinition FunctionDefinition { get; }

    /// <summary>What middleware keeps for the length of the invocation.</summary>
    public abstract IDictionary<object, object> Items { get; set; }

    /// <summary>Cancelled when the caller is gone or the host stops.</summary>
    public virtual CancellationToken CancellationToken { get; }
}

/// <summary>A W3C trace context.</summary>
public abstract class TraceContext
{
    /// <summary>The <c>traceparent</c>.</summary>
    public abstract string TraceParent { get; }

    /// <summary>The <c>tracestate</c>.</summary>
    public abstract string TraceState { get; }
}

/// <summary>What a trigger bound.</summary>
public abstract class BindingContext
{
    /// <summary>The trigger's values by name.</summary>
    public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
}

/// <summary>Which try of an invocation this is.</summary>
public abstract class RetryContext
{
    /// <summary>How many tries came before.</summary>
    public abstract int RetryCount { get; }

    /// <summary>How many retries there are at most; -1 is for ever.</summary>
    public abstract int MaxRetryCount { get; }
}

/// <summary>A function as the host found it.</summary>
public abstract class FunctionDefinition
{
    /// <summary>The assembly's path.</summary>
    public abstract string PathToAssembly { get; }

    /// <summary>The method: <c>Namespace.Class.Method</c>.</summary>
    public abstract string EntryPoint { get; }

    /// <summary>The function's id.</summary>
    public abstract string Id { get; }

    /// <summary>The function's name.</summary>
    public abstract string Name { get; }

    /// <summary>What is bound to the function's parameters, by parameter name; the trigger is one of them.</summary>
    public abstract IImmutableDictionary<string, BindingMetadata> InputBindings { get; }
}

/// <summary>One binding of a function.</summary>
public abstract class BindingMetadata
{
    /// <summary>The parameter's name.</summary>
    public abstract string Name { get; }

    /// <summary>The kind of binding: <c>httpTrigger</c>, <c>timerTrigger</c>, <c>kafkaTrigger</c>.</summary>
    public abstract string Type { get; }
}

/// <summary>The HTTP side of an invocation.</summary>
public static class FunctionContextExtensions
{
    /// <summary>The request's <see cref="HttpContext"/>, or null where the trigger is not HTTP.</summary>
    public static HttpContext? GetHttpContext(this FunctionContext context) =>
        context.Items.TryGetValue(FunctionContext.HttpContextKey, out var found) ? found as HttpContext : null;
}
