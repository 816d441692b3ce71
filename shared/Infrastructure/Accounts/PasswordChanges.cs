using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>Gives users another password. Whatever was signed in with the one before is signed out.</summary>
public sealed class PasswordChanges(
    UnitOfWork work, Passwords passwords, Sessions sessions, SignInAttempts attempts, LiveSessions live, Caller caller, TimeProvider clock)
{
    /// <summary>Changes the caller's password, ends all sessions, and begins one for the device that asked.</summary>
    /// <param name="current">The password that they have.</param>
    /// <param name="next">The one that they want.</param>
    /// <param name="userAgent">What the client calls itself.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">
    /// 400: the new password is a common one; 401 <c>invalid_credentials</c>: the current one is wrong; 409 <c>no_password</c>: an issuer
    /// elsewhere signs the user in; 429: too many were tried.
    /// </exception>
    public async Task<TokenResponse> Change(string current, string next, string? userAgent, CancellationToken ct)
    {
        var user = await work.Db.Users.AsNoTracking().SingleOrDefaultAsync(one => one.Id == caller.UserId, ct) ?? throw Problem.AccountGone.AsException();
        if (user.PasswordHash.Length == 0 || !EmailAddress.TryParse(user.Email, out var email))
        {
            throw Problem.Conflict("no_password", "This account has no password here: change it where you sign in.").AsException();
        }

        Passwords.RequireUncommon(next, user.Email, "new_password");
        var counted = await attempts.Begin(email, caller.Address, ct);
        if (passwords.Verify(user, current) == PasswordVerificationResult.Failed)
        {
            throw new Problem(401, "invalid_credentials", "The current password is wrong.").AsException();
        }

        if (counted)
        {
            await attempts.Forget(email, ct);
        }

        var (tokens, ended) = await work.Run(
            async () =>
            {
                await work.Begin(ct);
                var before = await Set(user.Id, user.PasswordHash, next, ct);
                var changed = await work.Db.Users.AsNoTracking().SingleAsync(one => one.Id == user.Id, ct);
                return (await sessions.Start(changed, userAgent, ct), before);
            },
            ct);
        await live.End(user.Id, ended, all: true, accountGone: false, ct);
        return tokens;
    }

    /// <summary>Sets the password of whoever got a mail for it, ends all sessions, and verifies the address.</summary>
    /// <exception cref="ProblemException">401 <c>mail_token_invalid</c>; 400: the password is a common one.</exception>
    public async Task Reset(string token, string password, CancellationToken ct)
    {
        var (user, ended) = await work.Run(
            async () =>
            {
                await work.Begin(ct);
                var now = clock.GetUtcNow();
                var found = await MailTokens.Find(work.Db, token, MailPurposes.ResetPassword, now, ct);
                Passwords.RequireUncommon(password, found.Email);

                // It serves once, and so do those of other mails. Of two at once one deletes it.
                var mine = await work.Db.Set<MailToken>().Where(one => one.Digest == found.Digest).ExecuteDeleteAsync(ct);
                var theirs = await work.Db.Users.AsNoTracking()
                    .SingleOrDefaultAsync(one => one.Id == found.UserId && one.Email == found.Email && one.PasswordHash != "", ct);
                if (mine == 0 || theirs is null)
                {
                    throw new Problem(401, "mail_token_invalid", "The link was used already; ask for another mail.").AsException();
                }

                await work.Db.Set<MailToken>().Where(one => one.UserId == theirs.Id && one.Purpose == MailPurposes.ResetPassword).ExecuteDeleteAsync(ct);
                var before = await Set(theirs.Id, theirs.PasswordHash, password, ct);
                await work.Db.Users.Where(one => one.Id == theirs.Id)
                    .ExecuteUpdateAsync(set => set.SetProperty(one => one.EmailVerifiedAt, one => one.EmailVerifiedAt ?? now), ct);
                return (theirs, before);
            },
            ct);
        await live.End(user.Id, ended, all: true, accountGone: false, ct);
        if (EmailAddress.TryParse(user.Email, out var email))
        {
            await attempts.Forget(email, ct);
        }
    }

    /// <summary>Sets a user's password for an operator, and ends all sessions.</summary>
    /// <returns>Whether there is such a user.</returns>
    public async Task<bool> Replace(EmailAddress email, string password, CancellationToken ct)
    {
        if (await work.Db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.NormalizedEmail == email.Normalized, ct) is not { } user)
        {
            return false;
        }

        await work.Run(
            async () =>
            {
                await work.Begin(ct);
                return await Set(user.Id, user.PasswordHash, password, ct); // other processes find out
            },
            ct);
        await attempts.Forget(email, ct);
        return true;
    }

    private async Task<List<Guid>> Set(Guid user, string before, string password, CancellationToken ct)
    {
        var hash = passwords.Hash(password);
        var changed = await work.Db.Users.Where(one => one.Id == user && one.PasswordHash == before)
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.PasswordHash, hash), ct);
        return changed == 1
            ? await sessions.DeleteAll(user, ct)
            : throw Problem.Conflict("password_changed", "The password was changed meanwhile; sign in again.").AsException();
    }
}
