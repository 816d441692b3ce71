using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.Configuration;

namespace TodoFlow.Functions.Http;

/// <summary>The addresses that the functions of this process serve: those of the allow-list, or all.</summary>
public sealed class ServedRoutes
{
    private readonly List<(string Method, TemplateMatcher Path, List<(string Name, IRouteConstraint Rule)> Constraints)> _routes = [];

    /// <summary>Reads the routes of this assembly's functions.</summary>
    public ServedRoutes(IConfiguration configuration, IInlineConstraintResolver constraints)
    {
        var allowed = configuration.GetSection("AzureFunctionsJobHost:functions").GetChildren().Select(child => child.Value)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var function in HttpFunction.In(typeof(ServedRoutes).Assembly).Where(function => allowed.Count == 0 || allowed.Contains(function.Name)))
        {
            var rules = function.Route.ParameterPolicies
                .SelectMany(parameter => parameter.Value, (parameter, policy) => (parameter.Key, constraints.ResolveConstraint(policy.Content!)!))
                .ToList();
            var path = new TemplateMatcher(new RouteTemplate(function.Route), []);
            _routes.AddRange(function.Verbs.Select(verb => (verb.ToUpperInvariant(), path, rules)));
        }
    }

    /// <summary>The methods that the address of a request is served with, in alphabetical order; none where nothing is there.</summary>
    public IReadOnlyList<string> MethodsOf(HttpContext http)
    {
        var methods = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (method, path, constraints) in _routes)
        {
            var values = new RouteValueDictionary();
            if (path.TryMatch(http.Request.Path, values)
                && constraints.TrueForAll(constraint => constraint.Rule.Match(http, null, constraint.Name, values, RouteDirection.IncomingRequest)))
            {
                methods.Add(method);
            }
        }

        return [.. methods];
    }
}
