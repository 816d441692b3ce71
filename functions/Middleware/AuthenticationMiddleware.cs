using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Middleware;

/// <summary>
/// Every HTTP function needs a valid access token (RFC 6750, in the header <c>Authorization</c> only), unless its method
/// says <c>[AllowAnonymous]</c>, and a session that goes on. A function whose method cannot be found needs them too. Other triggers pass.
/// </summary>
public sealed class AuthenticationMiddleware(AccessTokens tokens, LiveSessions sessions) : IFunctionsWorkerMiddleware
{
    private const string Scheme = "Bearer ";

    /// <inheritdoc/>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is { } http && !FunctionRules.Of(context.FunctionDefinition).AllowsAnonymous)
        {
            var subject = await tokens.Validate(BearerToken(http.Request), http.RequestAborted);
            await sessions.Require(subject, http.RequestAborted);
            context.InstanceServices.GetRequiredService<Caller>().SignIn(subject);
        }

        await next(context);
    }

    private static string BearerToken(HttpRequest request) =>
        request.Headers.Authorization is [{ } header]
        && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && header.AsSpan(Scheme.Length).Trim(' ') is { Length: > 0 } token
            ? token.ToString()
            : throw new Problem(401, "unauthenticated", "Send an access token: Authorization: Bearer <token>.").AsException();
}
