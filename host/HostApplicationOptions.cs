using TodoFlow.Functions;

namespace TodoFlow.Host;

/// <summary>What a host is built from. The defaults are those of the command line; tests replace parts.</summary>
public sealed class HostApplicationOptions
{
    /// <summary>Settings that win over every other source, by their configuration key (<c>ConnectionStrings:TodoFlow</c>).</summary>
    public IDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The file host.json; absent is allowed.</summary>
    public string HostJson { get; set; } = Path.Combine(AppContext.BaseDirectory, "host.json");

    /// <summary>The types whose <c>[Function]</c> methods are hosted.</summary>
    public IEnumerable<Type> FunctionTypes { get; set; } = typeof(FunctionsSetup).Assembly.GetTypes();

    /// <summary>The middleware around every invocation, outermost first.</summary>
    public IReadOnlyList<Type> Middleware { get; set; } = FunctionsSetup.Middleware;

    /// <summary>The clock of everything.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Registers what the functions are constructed from.</summary>
    public Action<IServiceCollection, IConfiguration> AddServices { get; set; } =
        static (services, configuration) => services.AddTodoFlowFunctions(configuration);

    /// <summary>Changes logging after the host has set it up.</summary>
    public Action<ILoggingBuilder>? ConfigureLogging { get; set; }
}
