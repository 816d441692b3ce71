using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>What the links in mails hold: whoever has one got the mail. Links that sign in, which an operator makes, are kept among them.</summary>
public sealed class MailTokens(IDbContextFactory<TodoFlowDb> contexts, TimeProvider clock)
{
    /// <summary>The longest token, in characters.</summary>
    public const int Longest = 200;

    private const int SecretBytes = 32;

    /// <summary>For how long a link serves: a day to verify an address, an hour to choose a password, 15 minutes to sign in.</summary>
    public static TimeSpan LifetimeOf(string purpose) => purpose switch
    {
        MailPurposes.Verify => TimeSpan.FromDays(1),
        MailPurposes.SignIn => TimeSpan.FromMinutes(15),
        _ => TimeSpan.FromHours(1),
    };

    /// <summary>Makes a token for a link to a user's account.</summary>
    public async Task<string> Create(Guid user, string email, string purpose, CancellationToken ct)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        await using var db = await contexts.CreateDbContextAsync(ct);
        db.Add(new MailToken { Digest = Digest(token), UserId = user, Purpose = purpose, Email = email, ExpiresAt = clock.GetUtcNow() + LifetimeOf(purpose) });
        await db.SaveChangesAsync(ct);
        return token;
    }

    /// <summary>Finds what a token is about.</summary>
    /// <exception cref="ProblemException">401 <c>mail_token_invalid</c>: it is unknown, used, expired, or for something else.</exception>
    public static async Task<MailToken> Find(TodoFlowDb db, string token, string purpose, DateTimeOffset now, CancellationToken ct)
    {
        var digest = Digest(token);
        return await db.Set<MailToken>().AsNoTracking()
            .SingleOrDefaultAsync(found => found.Digest == digest && found.Purpose == purpose && found.ExpiresAt > now, ct) ?? throw Invalid();
    }

    /// <summary>Verifies an address. A link that is followed twice succeeds twice.</summary>
    /// <exception cref="ProblemException">401 <c>mail_token_invalid</c>.</exception>
    public async Task Verify(string token, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(ct);
        var found = await Find(db, token, MailPurposes.Verify, now, ct);
        var verified = await db.Users.Where(user => user.Id == found.UserId && user.Email == found.Email)
            .ExecuteUpdateAsync(set => set.SetProperty(user => user.EmailVerifiedAt, user => user.EmailVerifiedAt ?? now), ct);
        if (verified == 0)
        {
            throw Invalid(); // the account has another address by now
        }
    }

    /// <summary>The token of a user's mails that unsubscribes them, without an end and without a sign-in: the user's id, signed with a secret of their own.</summary>
    public async Task<string> CreateUnsubscription(Guid user, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        var secret = RandomNumberGenerator.GetBytes(SecretBytes);
        await db.Users.Where(one => one.Id == user && one.MailSecret == null).ExecuteUpdateAsync(set => set.SetProperty(one => one.MailSecret, secret), ct);
        return await db.Users.Where(one => one.Id == user).Select(one => one.MailSecret).SingleOrDefaultAsync(ct) is { } kept
            ? $"{user:N}.{Base64Url.EncodeToString(Sign(kept, user))}"
            : throw Problem.AccountGone.AsException();
    }

    /// <summary>Whose mails a token unsubscribes.</summary>
    /// <exception cref="ProblemException">401 <c>mail_token_invalid</c>.</exception>
    public async Task<Guid> ReadUnsubscription(string token, CancellationToken ct)
    {
        if (token.Split('.') is not [var id, var signature] || !Guid.TryParseExact(id, "N", out var user))
        {
            throw Invalid();
        }

        await using var db = await contexts.CreateDbContextAsync(ct);
        var secret = await db.Users.Where(one => one.Id == user).Select(one => one.MailSecret).SingleOrDefaultAsync(ct);
        return secret is not null && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Base64Url.EncodeToString(Sign(secret, user))), Encoding.UTF8.GetBytes(signature))
                ? user
                : throw Invalid();
    }

    private static byte[] Sign(byte[] secret, Guid user) => HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes($"unsubscribe {user:N}"));

    /// <summary>What is stored of a token.</summary>
    internal static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static ProblemException Invalid() =>
        new Problem(401, "mail_token_invalid", "The link is unknown, used or expired; ask for another mail.").AsException();
}
