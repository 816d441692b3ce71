using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>Adds, finds and removes the accounts of users.</summary>
public sealed class UserAccounts(UnitOfWork work, Passwords passwords, ExternalUsers external, LiveSessions live, IOptions<DatabaseSettings> limits, TimeProvider clock)
{
    private static readonly Problem EmailTaken = Problem.Conflict("email_taken", "There is an account with this e-mail address already.");

    /// <summary>Adds a user.</summary>
    /// <exception cref="ProblemException">409 <c>email_taken</c>; 400: the password is a common one.</exception>
    public async Task<User> Add(EmailAddress email, string password, string? timeZone, CancellationToken ct)
    {
        Passwords.RequireUncommon(password, email.Address);
        var now = clock.GetUtcNow();
        var user = new User
        {
            Id = Guid.CreateVersion7(now),
            Email = email.Address,
            NormalizedEmail = email.Normalized,
            PasswordHash = passwords.Hash(password),
            TimeZone = timeZone ?? "UTC",
            CreatedAt = now,
        };
        if (await work.Db.Users.AnyAsync(other => other.NormalizedEmail == email.Normalized, ct))
        {
            throw EmailTaken.AsException(); // the usual case; a refused insert is an error in the log
        }

        work.Db.Add(user);
        try
        {
            await work.Db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException error) when (error.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw EmailTaken.AsException();
        }

        return user;
    }

    /// <summary>The user with this address and password. An unknown address and a wrong password look and take the same.</summary>
    /// <exception cref="ProblemException">401 <c>invalid_credentials</c>.</exception>
    public async Task<User> SignIn(EmailAddress email, string password, CancellationToken ct)
    {
        var user = await Find(email, ct);
        switch (passwords.Verify(user, password))
        {
            case PasswordVerificationResult.Failed:
                throw new Problem(401, "invalid_credentials", "The e-mail address or the password is wrong.").AsException();
            case PasswordVerificationResult.SuccessRehashNeeded:
                user!.PasswordHash = passwords.Hash(password); // hashed by older rules
                await work.Db.SaveChangesAsync(ct);
                break;
        }

        return user!;
    }

    /// <summary>The user with this address; null where there is none.</summary>
    public Task<User?> Find(EmailAddress email, CancellationToken ct) =>
        work.Db.Users.SingleOrDefaultAsync(user => user.NormalizedEmail == email.Normalized, ct);

    /// <summary>A user.</summary>
    /// <exception cref="ProblemException">401 <c>account_gone</c>: it was deleted after its token was given out.</exception>
    public async Task<User> Get(Guid id, CancellationToken ct) =>
        await work.Db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id, ct) ?? throw Problem.AccountGone.AsException();

    /// <summary>
    /// Removes a user and everything of theirs: what belongs to them by foreign keys, and their tasks' events that are still in the outbox
    /// or parked as dead letters. Does nothing where there is no such user.
    /// </summary>
    public async Task Delete(Guid id, CancellationToken ct)
    {
        var sessions = await work.Run(
            async () =>
            {
                await work.Begin(ct);
                work.Db.Database.SetCommandTimeout(limits.Value.MaintenanceSeconds); // whoever has much goes as well

                // From here on nobody adds anything of theirs; what was committed before, the next statements see.
                await work.Db.Database.ExecuteSqlAsync($"select from app_user where id = {id} for update", ct);
                var ended = await work.Db.Sessions.Where(session => session.UserId == id).Select(session => session.Id).ToListAsync(ct);
                var tasks = await work.Db.Database.SqlQuery<Guid>(
                    $"""
                    select id as "Value" from task_item where user_id = {id}
                    union select task_id from reminder where user_id = {id}
                    union select task_id from notification where user_id = {id}
                    union select task_id from audit_entry where user_id = {id}
                    """).ToListAsync(ct);

                // Changes of tasks that are under way end before the tasks go; their events are seen by the statement after it.
                await work.Db.Users.Where(user => user.Id == id).ExecuteDeleteAsync(ct);
                var keys = tasks.Select(task => task.ToString()).ToArray();
                await work.Db.Database.ExecuteSqlAsync($"delete from outbox where key = any({keys})", ct);
                await work.Db.Database.ExecuteSqlAsync($"delete from dead_letter where position(convert_to({id.ToString()}, 'UTF8') in value) > 0", ct);
                return ended;
            },
            ct);
        external.Forget(id);
        await live.End(id, sessions, all: true, accountGone: true, ct);
    }
}
