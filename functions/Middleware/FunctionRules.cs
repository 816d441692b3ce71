using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.Middleware;

/// <summary>What the attributes of the method behind a function say to the middleware; read once.</summary>
/// <param name="AllowsAnonymous">Whether nobody need be signed in.</param>
/// <param name="RateLimit">The policy that limits it; null where it has none of its own.</param>
/// <param name="Scope">What a token must be allowed to do.</param>
/// <param name="TokenInQuery">Whether the token is a parameter of the address.</param>
/// <param name="IsProtectedResource">Whether a refusal says where tokens come from.</param>
internal sealed record FunctionRules(bool AllowsAnonymous, string? RateLimit, AccessScopes Scope, bool TokenInQuery, bool IsProtectedResource)
{
    private static readonly ConcurrentDictionary<string, FunctionRules> Found = new();

    /// <summary>
    /// The rules of a function of this assembly; the strict ones where its method cannot be told for certain, so that no attribute
    /// of another method opens it.
    /// </summary>
    public static FunctionRules Of(FunctionDefinition function) => Found.GetOrAdd(function.EntryPoint, Read);

    private static FunctionRules Read(string entryPoint)
    {
        var method = Find(entryPoint);
        return new(
            method?.IsDefined(typeof(AllowAnonymousAttribute), false) == true,
            method?.GetCustomAttribute<EnableRateLimitingAttribute>()?.PolicyName,
            method?.GetCustomAttribute<RequiresScopeAttribute>()?.Scope ?? AccessScopes.All,
            method?.IsDefined(typeof(TokenInQueryAttribute), false) == true,
            method?.IsDefined(typeof(ProtectedResourceAttribute), false) == true);
    }

    private static MethodInfo? Find(string entryPoint)
    {
        var dot = entryPoint.LastIndexOf('.');
        var methods = dot < 0 ? null : typeof(FunctionRules).Assembly.GetType(entryPoint[..dot])?.GetMember(
            entryPoint[(dot + 1)..], MemberTypes.Method, BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static);
        return methods is [MethodInfo only] ? only : null;
    }
}
