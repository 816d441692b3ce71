using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Functions.Http;

/// <summary>Every request that no other function serves: a problem in place of the Azure host's empty 404.</summary>
/// <remarks>That host tries routes in the order of the functions' names, so this name has to be the last; a test holds it to that.</remarks>
public sealed class WrongRoute(ServedRoutes routes)
{
    /// <summary>The route: every path.</summary>
    public const string Route = "{*path}";

    /// <summary>405 with <c>Allow</c> where the address is known with another method, otherwise 404.</summary>
    [Function(nameof(WrongRoute))]
    [AllowAnonymous] // it tells nothing that docs/openapi.json does not
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = Route)] HttpRequest request) =>
        throw ProblemOf(request.HttpContext, routes.MethodsOf(request.HttpContext)).AsException();

    /// <summary>The problem of an address that is known with these methods, or with none; sets <c>Allow</c>.</summary>
    public static Problem ProblemOf(HttpContext http, IReadOnlyList<string> methods)
    {
        if (methods.Count == 0)
        {
            return new(StatusCodes.Status404NotFound, "route_not_found", "There is nothing at this address.");
        }

        var allow = string.Join(", ", methods);
        http.Response.Headers.Allow = allow;
        return new(StatusCodes.Status405MethodNotAllowed, "method_not_allowed", $"This resource knows {allow}.");
    }
}
