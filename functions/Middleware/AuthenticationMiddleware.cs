using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Middleware;

/// <summary>
/// Every HTTP function needs a valid access token (RFC 6750, in the header <c>Authorization</c> only, but for those of
/// <c>[TokenInQuery]</c>), unless its method says <c>[AllowAnonymous]</c>, a session that goes on, and the scope that the method says (<c>[RequiresScope]</c>). A function whose
/// method cannot be found needs a token with every scope. Other triggers pass.
/// </summary>
public sealed class AuthenticationMiddleware(AccessTokens tokens, LiveSessions sessions, ProtectedResource resource) : IFunctionsWorkerMiddleware
{
    private const string Scheme = "Bearer ";

    /// <inheritdoc/>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is { } http && FunctionRules.Of(context.FunctionDefinition) is { AllowsAnonymous: false } rules)
        {
            AccessTokenSubject subject;
            try
            {
                subject = await Authenticate(http.Request, rules);
            }
            catch (ProblemException refused) when (rules.IsProtectedResource)
            {
                throw resource.Extend(refused.Problem, http.Request).AsException();
            }

            context.InstanceServices.GetRequiredService<Caller>().SignIn(subject);
            http.Response.Headers.CacheControl = "no-store"; // what is somebody's own is for no cache
        }

        await next(context);
    }

    private async Task<AccessTokenSubject> Authenticate(HttpRequest request, FunctionRules rules)
    {
        var ct = request.HttpContext.RequestAborted;
        var subject = await tokens.Validate(rules.TokenInQuery ? QueryToken(request) : BearerToken(request), ct);
        await sessions.Require(subject, ct);
        return (rules.Scope & ~subject.Scopes) is var missing and not AccessScopes.None
            ? throw Problem.InsufficientScope(string.Join(' ', ScopeNames.Of(missing))).AsException()
            : subject;
    }

    private static string QueryToken(HttpRequest request) =>
        request.Query["token"] is [{ Length: > 0 } token] ? token : throw new Problem(401, "unauthenticated", "The address must have its token: ?token=<token>.").AsException();

    private static string BearerToken(HttpRequest request) =>
        request.Headers.Authorization is [{ } header]
        && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && header.AsSpan(Scheme.Length).Trim(' ') is { Length: > 0 } token
            ? token.ToString()
            : throw new Problem(401, "unauthenticated", "Send an access token: Authorization: Bearer <token>.").AsException();
}
