using System.Collections.ObjectModel;
using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;

namespace TodoFlow.Host.Invocation;

/// <summary>One invocation in this host. What is rarely asked for is created when it is.</summary>
internal sealed class InvocationContext : FunctionContext
{
    // Where the worker's GetHttpContext() looks; the package keeps the name to itself.
    private const string HttpContextKey = "HttpRequestContext";

    private readonly int _retryCount;
    private string? _invocationId;
    private TraceContext? _trace;
    private BindingContext? _binding;
    private RetryContext? _retry;
    private IDictionary<object, object>? _items;
    private InvocationFeatures? _features;

    /// <summary>An invocation for a request.</summary>
    public InvocationContext(HostedFunction function, HttpContext http)
    {
        Function = function;
        Http = http;
        InstanceServices = http.RequestServices;
        CancellationToken = http.RequestAborted;
    }

    /// <summary>An invocation by another trigger.</summary>
    /// <param name="function">The function.</param>
    /// <param name="value">The trigger's value, of the type of the function's parameter.</param>
    /// <param name="services">The invocation's own scope.</param>
    /// <param name="retryCount">How many tries came before.</param>
    /// <param name="cancellation">Cancelled when the host stops.</param>
    public InvocationContext(HostedFunction function, object value, IServiceProvider services, int retryCount, CancellationToken cancellation)
    {
        Function = function;
        TriggerValue = value;
        InstanceServices = services;
        _retryCount = retryCount;
        CancellationToken = cancellation;
    }

    /// <summary>The function as the host knows it.</summary>
    public HostedFunction Function { get; }

    /// <summary>The request; null where the trigger is not HTTP.</summary>
    public HttpContext? Http { get; }

    /// <summary>The trigger's value; null where it is the request.</summary>
    public object? TriggerValue { get; }

    /// <summary>What the function returned; null where a middleware answered instead, or there is nothing.</summary>
    public object? Result { get; set; }

    /// <inheritdoc/>
    public override string InvocationId => _invocationId ??= Guid.NewGuid().ToString();

    /// <inheritdoc/>
    public override string FunctionId => Function.Id;

    /// <inheritdoc/>
    public override FunctionDefinition FunctionDefinition => Function;

    /// <inheritdoc/>
    public override IServiceProvider InstanceServices { get; set; }

    /// <inheritdoc/>
    public override CancellationToken CancellationToken { get; }

    /// <inheritdoc/>
    public override TraceContext TraceContext => _trace ??= new CurrentTrace(Activity.Current);

    /// <inheritdoc/>
    public override BindingContext BindingContext => _binding ??= new TriggerData(Http);

    /// <inheritdoc/>
    public override RetryContext RetryContext => _retry ??= new Tries(_retryCount, Function.Retry.MaxRetryCount);

    /// <inheritdoc/>
    public override IDictionary<object, object> Items
    {
        get => _items ??= Http is null ? [] : new Dictionary<object, object> { [HttpContextKey] = Http };
        set => _items = value;
    }

    /// <inheritdoc/>
    public override IInvocationFeatures Features => _features ??= new InvocationFeatures();

    private sealed class CurrentTrace(Activity? activity) : TraceContext
    {
        public override string TraceParent { get; } = activity?.Id ?? "";

        public override string TraceState { get; } = activity?.TraceStateString ?? "";
    }

    private sealed class InvocationFeatures : Dictionary<Type, object>, IInvocationFeatures
    {
        public void Set<T>(T instance) => this[typeof(T)] = instance!;

        public T? Get<T>() => TryGetValue(typeof(T), out var found) ? (T)found : default;

        IEnumerator<KeyValuePair<Type, object>> IEnumerable<KeyValuePair<Type, object>>.GetEnumerator() => GetEnumerator();
    }

    private sealed class TriggerData(HttpContext? http) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData { get; } =
            http?.Request.RouteValues ?? (IReadOnlyDictionary<string, object?>)ReadOnlyDictionary<string, object?>.Empty;
    }

    private sealed class Tries(int retryCount, int maxRetryCount) : RetryContext
    {
        public override int RetryCount { get; } = retryCount;

        public override int MaxRetryCount { get; } = maxRetryCount;
    }
}
