using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Functions.Accounts;

/// <summary>POST /api/tokens: makes a personal access token, for a script or an assistant that is not to know the password.</summary>
public sealed class CreatePersonalToken(PersonalTokens tokens, UnitOfWork work, IdempotentRequests requests, Caller caller, TimeProvider clock)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);
    private static readonly TimeSpan Default = TimeSpan.FromDays(90);

    /// <summary>
    /// Returns 201 with the token, which is not shown again. It serves as a bearer token until it expires or is revoked; a token that makes
    /// another passes on no scope that it has not itself (403 <c>insufficient_scope</c>). 403 <c>quota_exceeded</c> beyond 100 of them.
    /// </summary>
    [Function(nameof(CreatePersonalToken))]
    [RequiresScope(AccessScopes.Account)]
    [EnableRateLimiting(RateLimitMiddleware.Passwords)] // with an Idempotency-Key it is as much work as a password
    [Body(typeof(CreatePersonalTokenRequest))]
    [Returns<PersonalTokenResponse>(201)]
    [RequestHeaders(IdempotentRequests.Header)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tokens")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<CreatePersonalTokenRequest>(ct);
        var now = clock.GetUtcNow();
        var expiresAt = body.ExpiresAt?.ToUniversalTime() ?? now + Default;
        if (expiresAt <= now || expiresAt > now + Longest)
        {
            throw Problem.Invalid("expires_at", "must be in the future, and at most a year ahead").AsException();
        }

        var scopes = ScopeNames.Parse(body.Scopes);
        if ((scopes & ~caller.Subject.Scopes) is var more and not AccessScopes.None)
        {
            throw Problem.InsufficientScope(string.Join(' ', ScopeNames.Of(more))).AsException();
        }

        return await requests.OnceSealed(
            request,
            $"{caller.UserId}",
            async () => TypedResults.Created((string?)null, await tokens.Create(work, caller.UserId, body.Name.Trim(), scopes, expiresAt, ct)).NotStored(),
            ct);
    }
}

/// <summary>A new personal access token.</summary>
public sealed record CreatePersonalTokenRequest
{
    /// <summary>What it is for.</summary>
    [Required, TextLength(100, MinimumLength = 1, Trimmed = true), Example("backup script")]
    public string Name { get; set; } = "";

    /// <summary>What it may do: <c>tasks:read</c>, <c>tasks:write</c>, <c>tasks:delete</c>, <c>notifications</c>, <c>account</c>.</summary>
    [Required, MinLength(1), MaxLength(5), ScopeNames, Example("tasks:read", "tasks:write")]
    public string[] Scopes { get; set; } = [];

    /// <summary>When it expires.</summary>
    [Description("An RFC 3339 instant, at most a year ahead; by default 90 days from now.")]
    public DateTimeOffset? ExpiresAt { get; set; }
}

/// <summary>A list of names of scopes.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ScopeNamesAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is string[] names && Array.TrueForAll(names, name => ScopeNames.All.Contains(name))
            ? ValidationResult.Success
            : new($"must have entries of {string.Join(", ", ScopeNames.All)} only");
}
