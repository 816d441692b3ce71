using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Realtime;

namespace TodoFlow.Functions.Http;

/// <summary>
/// Tells clients of the MCP server where they get tokens (RFC 9728), where an external issuer signs people in: its metadata has an address,
/// which each refusal for want of a token names.
/// </summary>
public sealed class ProtectedResource(IOptions<AuthSettings> auth, IOptions<RealtimeSettings> addresses)
{
    /// <summary>The route of the resource.</summary>
    public const string Route = "api/mcp";

    /// <summary>The route of its metadata: RFC 9728 section 3.1 puts the well-known part before the path.</summary>
    public const string MetadataRoute = $".well-known/oauth-protected-resource/{Route}";

    /// <summary>The metadata.</summary>
    /// <exception cref="ProblemException">404: no external issuer is set up.</exception>
    public ProtectedResourceResponse Describe(HttpRequest request) => auth.Value.Authority is { } authority
        ? new($"{Origin(request)}/{Route}", [authority.OriginalString], ["header"], "TodoFlow")
        : throw Problem.NotFound("metadata").AsException();

    /// <summary>A refusal that also says where the metadata is, if there is any.</summary>
    public Problem Extend(Problem refused, HttpRequest request) => auth.Value.Authority is null || refused.Challenge is not { } challenge
        ? refused
        : refused with { Challenge = $"{challenge}{(challenge.Contains('=') ? "," : "")} resource_metadata=\"{Origin(request)}/{MetadataRoute}\"" };

    private string Origin(HttpRequest request) => addresses.Value.PublicUrl?.AbsoluteUri.TrimEnd('/') ?? $"{request.Scheme}://{request.Host}";
}

/// <summary>The metadata of a protected resource, in the names of RFC 9728.</summary>
/// <param name="Resource">Its address.</param>
/// <param name="AuthorizationServers">Who issues tokens for it.</param>
/// <param name="BearerMethodsSupported">How a token is sent.</param>
/// <param name="ResourceName">Its name for people.</param>
public sealed record ProtectedResourceResponse(string Resource, IReadOnlyList<string> AuthorizationServers, IReadOnlyList<string> BearerMethodsSupported, string ResourceName);

/// <summary>A refusal for want of a token says where the function's metadata is (<see cref="ProtectedResource"/>).</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProtectedResourceAttribute : Attribute;
