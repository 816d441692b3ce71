using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>Asks for mails about accounts. They are stored with what they are about, and sent by <see cref="AccountMailQueue"/>.</summary>
public sealed class AccountMails(UnitOfWork work, TimeProvider clock, AccountMailQueue? queue = null)
{
    /// <summary>Refuses where this service sends no mail.</summary>
    /// <exception cref="ProblemException">409 <c>mail_unavailable</c>.</exception>
    public void RequireAvailable()
    {
        if (queue is null)
        {
            throw Problem.Conflict("mail_unavailable", "This service sends no mail: no mail server is set (Email:Host).").AsException();
        }
    }

    /// <summary>Asks for the mail that verifies a user's address; does nothing where this service sends no mail.</summary>
    public async Task AddVerification(Guid user, CancellationToken ct)
    {
        if (queue is not null)
        {
            await Add(user, MailPurposes.Verify, ct);
        }
    }

    /// <summary>Asks for another mail that verifies a user's address.</summary>
    /// <exception cref="ProblemException">409: this service sends no mail, or there is nothing to verify; 401: the account was deleted.</exception>
    public async Task AddVerificationAgain(Guid user, CancellationToken ct)
    {
        RequireAvailable();
        var account = await work.Db.Users.AsNoTracking().SingleOrDefaultAsync(one => one.Id == user, ct) ?? throw Problem.AccountGone.AsException();
        if (account.Email.Length == 0)
        {
            throw Problem.Conflict("no_address", "This account has no e-mail address.").AsException();
        }

        if (account.EmailVerifiedAt is not null)
        {
            throw Problem.Conflict("email_verified", "The e-mail address is verified already.").AsException();
        }

        await Add(user, MailPurposes.Verify, ct);
        queue!.Kick();
    }

    /// <summary>Asks for the mail by which a password is chosen anew. Does the same whether or not the address has an account.</summary>
    /// <exception cref="ProblemException">409 <c>mail_unavailable</c>.</exception>
    public async Task AddPasswordReset(EmailAddress email, CancellationToken ct)
    {
        RequireAvailable();
        // Its commit waits for no disk, or it would tell by its time that there is something to commit.
        await work.Db.Database.ExecuteSqlAsync(
            $"""
            with quick as materialized (select set_config('synchronous_commit', 'off', true))
            insert into account_mail (id, user_id, purpose, due_at, attempts)
            select {Guid.CreateVersion7(clock.GetUtcNow())}, id, {MailPurposes.ResetPassword}, {clock.GetUtcNow()}, 0
            from quick, app_user where normalized_email = {email.Normalized} and password_hash <> ''
            """,
            ct);
        queue!.Kick();
    }

    /// <summary>Says that mails were asked for, once that is committed. Returns at once.</summary>
    public void Kick() => queue?.Kick();

    private async Task Add(Guid user, string purpose, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        work.Db.Add(new AccountMail { Id = Guid.CreateVersion7(now), UserId = user, Purpose = purpose, DueAt = now });
        await work.Db.SaveChangesAsync(ct);
    }
}
