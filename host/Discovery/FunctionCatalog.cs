using System.Reflection;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Invocation;

namespace TodoFlow.Host.Discovery;

/// <summary>Every function that this host runs, found once at start.</summary>
public sealed class FunctionCatalog
{
    private FunctionCatalog(IReadOnlyList<HostedFunction> functions) => Functions = functions;

    /// <summary>The functions, in the order of their names.</summary>
    public IReadOnlyList<HostedFunction> Functions { get; }

    /// <summary>
    /// Finds the <c>[Function]</c> methods of the types. What is wrong in the code (names, triggers, parameters) is an
    /// error for every function; settings are resolved only for those that the allow-list lets run.
    /// </summary>
    /// <exception cref="HostStartException">A function cannot be hosted; the message names it.</exception>
    public static FunctionCatalog Discover(IEnumerable<Type> types, HostSettings settings, IConfiguration configuration)
    {
        var found = new SortedDictionary<string, MethodInfo>(StringComparer.OrdinalIgnoreCase);
        foreach (var method in types.SelectMany(DeclaredMethods))
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is not { } function)
            {
                continue;
            }

            RequireCallable(function.Name, method);
            if (!found.TryAdd(function.Name, method))
            {
                throw HostStartException.ForFunction(function.Name, $"is declared twice: {Describe(found[function.Name])} and {Describe(method)}");
            }
        }

        foreach (var name in settings.AllowedFunctions.Where(name => !found.ContainsKey(name)))
        {
            throw HostStartException.ForFunction(name, $"is in the allow-list (AzureFunctionsJobHost:functions), but does not exist");
        }

        var reader = new TriggerReader(settings, configuration);
        var hosted = new List<HostedFunction>(found.Count);
        foreach (var (name, method) in found)
        {
            var (parameter, attribute) = TriggerReader.FindTrigger(name, method);
            if (settings.Allows(name))
            {
                var output = ReadOutput(name, method);
                var trigger = reader.Read(name, parameter, attribute);
                if (output is not null && !settings.UsesAzureSignalR && trigger is KafkaTrigger kafka)
                {
                    trigger = kafka with { IsBroadcast = true };
                }

                hosted.Add(new HostedFunction(name, method, trigger, RetryPolicy.Read(name, method), output));
            }
        }

        RequireDistinctRoutes(hosted);
        return new FunctionCatalog(hosted);
    }

    private static MethodInfo[] DeclaredMethods(Type type) => type.GetMethods(
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly);

    private static void RequireCallable(string function, MethodInfo method)
    {
        if (!method.IsPublic || !method.DeclaringType!.IsVisible)
        {
            throw HostStartException.ForFunction(function, $"is not public: {Describe(method)}");
        }

        if (method.ContainsGenericParameters || (!method.IsStatic && method.DeclaringType.IsAbstract))
        {
            throw HostStartException.ForFunction(function, $"cannot be called: {Describe(method)} is abstract or generic");
        }
    }

    private static SignalROutputAttribute? ReadOutput(string function, MethodInfo method)
    {
        var output = method.GetCustomAttribute<SignalROutputAttribute>();
        if (output is null == FunctionInvoker.ReturnsMessages(method))
        {
            throw HostStartException.ForFunction(function, "must both be marked [SignalROutput] and return SignalRMessageAction[], or neither");
        }

        return output;
    }

    private static void RequireDistinctRoutes(IEnumerable<HostedFunction> functions)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var function in functions)
        {
            if (function.Trigger is not HttpTrigger http)
            {
                continue;
            }

            foreach (var method in http.Methods.DefaultIfEmpty("*"))
            {
                if (!taken.TryAdd($"{method} {RouteShape(function.Name, http.Route)}", function.Name))
                {
                    throw HostStartException.ForFunction(
                        function.Name, $"has the same route as '{taken[$"{method} {RouteShape(function.Name, http.Route)}"]}': {method} /{http.Route}");
                }
            }
        }
    }

    /// <summary>The template without the names of its parameters and in one case: what routing can tell apart.</summary>
    private static string RouteShape(string function, string template)
    {
        try
        {
            return string.Join('/', RoutePatternFactory.Parse(template).PathSegments.Select(segment => string.Concat(segment.Parts.Select(Shape))));
        }
        catch (RoutePatternException error)
        {
            throw HostStartException.ForFunction(function, $"has the route '{template}', which is not a route template: {error.Message.TrimEnd('.')}");
        }

        static string Shape(RoutePatternPart part) => part switch
        {
            RoutePatternLiteralPart literal => literal.Content.ToLowerInvariant(),
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter =>
                $"{{{parameter.ParameterKind}:{string.Join(':', parameter.ParameterPolicies.Select(policy => policy.Content))}}}",
            _ => "",
        };
    }

    private static string Describe(MethodInfo method) => $"{method.DeclaringType!.FullName}.{method.Name}";
}
