using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Functions.Tasks;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>POST /api/auth/register: adds a user and signs them in.</summary>
public sealed class RegisterUser(LocalIssuer issuer, UserAccounts users, Sessions sessions, IdempotentRequests requests)
{
    /// <summary>Answers 201 with tokens, or 409 <c>email_taken</c>.</summary>
    [Function(nameof(RegisterUser))]
    [AllowAnonymous]
    [EnableRateLimiting(RateLimitMiddleware.SignIns)]
    [Body<RegisterRequest>]
    [Returns<TokenResponse>(201)]
    [Problems(404, 409)]
    [Heeds(IdempotentRequests.Header)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/register")] HttpRequest request, CancellationToken ct)
    {
        issuer.RequireEnabled();
        var body = await request.ReadValid<RegisterRequest>(ct);
        return await requests.OnceSealed(request, body.Email.Normalized, async () =>
        {
            var user = await users.Add(body.Email, body.Password, body.TimeZone, ct);
            return SignInAnswers.SignedIn(await sessions.Start(user, ct), StatusCodes.Status201Created);
        }, ct);
    }
}

/// <summary>A new user.</summary>
public sealed record RegisterRequest : IChecked
{
    /// <summary>The e-mail address.</summary>
    [Needed, Example("ada@example.com")]
    public EmailAddress Email { get; init; } = null!;

    /// <summary>The password.</summary>
    [Needed, Characters(Passwords.Shortest, Passwords.Longest), Example("correct horse battery")]
    public string Password { get; init; } = "";

    /// <summary>The user's zone.</summary>
    [About("The IANA time zone of the user's days, such as Europe/Berlin."), Default("UTC"), Example("Europe/Berlin")]
    public string? TimeZone { get; init; }

    /// <inheritdoc/>
    public IEnumerable<FieldError> Check() => TaskFields.CheckTimeZone(TimeZone);
}
