using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>
/// Links by which an operator lets a user sign in, once and within <see cref="MailTokens.LifetimeOf"/>. They are made by a command of the
/// host, never for a request. What ends all sessions of a user ends their links, too.
/// </summary>
public sealed class SignInLinks(UnitOfWork work, MailTokens tokens, Sessions sessions, TimeProvider clock)
{
    /// <summary>The code of a new link. What is stored is its SHA-256.</summary>
    public Task<string> Create(User user, CancellationToken ct) => tokens.Create(user.Id, user.Email, MailPurposes.SignIn, ct);

    /// <summary>Signs in whoever holds a code, which does not serve again.</summary>
    /// <param name="code">The code.</param>
    /// <param name="userAgent">What the client calls itself.</param>
    /// <param name="ct">Ends the wait; the code still serves then.</param>
    /// <exception cref="ProblemException">401 <c>sign_in_link_invalid</c>: it is unknown, used or expired. 404: nobody signs in here.</exception>
    public async Task<TokenResponse> SignIn(string code, string? userAgent, CancellationToken ct) => await work.Run(
        async () =>
        {
            await work.Begin(ct);
            var found = await work.Db.Database.SqlQuery<Guid>(
                $"""
                delete from mail_token where digest = {MailTokens.Digest(code)} and purpose = {MailPurposes.SignIn} and expires_at > {clock.GetUtcNow()}
                returning user_id as "Value"
                """).ToListAsync(ct);
            return found is [var id] && await work.Db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id, ct) is { } user
                ? await sessions.Start(user, userAgent, ct)
                : throw new Problem(401, "sign_in_link_invalid", "The link is unknown, used or expired; ask for another one.").AsException();
        },
        ct);
}
