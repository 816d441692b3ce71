using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MimeKit;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Notifications;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.DueWork;
using MailAddress = System.Net.Mail.MailAddress;

namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>
/// Sends mails about accounts, one after the other, with the retries of deliveries. A try leases its mail for as long as it may take;
/// nothing that a user wrote is in them. Beyond a few in an hour and a day to one address they are not sent.
/// </summary>
public sealed partial class AccountMailQueue : DueQueue
{
    /// <summary>How many mails about accounts one address gets in an hour.</summary>
    public const int PerHour = 5;

    /// <summary>How many in a day.</summary>
    public const int PerDay = 10;

    private readonly IDbContextFactory<TodoFlowDb> _contexts;
    private readonly SmtpSender _smtp;
    private readonly MailLimits _limits;
    private readonly MailTokens _tokens;
    private readonly EmailSettings _email;
    private readonly NotificationSettings _settings;
    private readonly ILogger<AccountMailQueue> _log;

    /// <summary>Takes its settings; nothing runs yet.</summary>
    public AccountMailQueue(
        [Background] IDbContextFactory<TodoFlowDb> contexts, SmtpSender smtp, MailLimits limits, MailTokens tokens, IOptions<EmailSettings> email,
        IOptions<NotificationSettings> settings, TimeProvider clock, ILogger<AccountMailQueue> log)
        : base(clock, log) =>
        (_contexts, _smtp, _limits, _tokens, _email, _settings, _log) = (contexts, smtp, limits, tokens, email.Value, settings.Value, log);

    /// <inheritdoc/>
    protected override async Task<DateTimeOffset?> DoWhatIsDue(CancellationToken ct)
    {
        while (await Claim(ct) is { } mail)
        {
            await Try(mail, ct);
        }

        await using var db = await _contexts.CreateDbContextAsync(ct);
        return await db.Set<AccountMail>().MinAsync(mail => (DateTimeOffset?)mail.DueAt, ct);
    }

    private async Task<AccountMail?> Claim(CancellationToken ct)
    {
        var now = Clock.GetUtcNow();
        await using var db = await _contexts.CreateDbContextAsync(ct);
        var claimed = await db.Set<AccountMail>().FromSql(
            $"""
            update account_mail set due_at = {now + _settings.Lease}, attempts = attempts + 1 where id = (
                select id from account_mail where due_at <= {now} order by due_at, id limit 1 for update skip locked)
            returning *
            """).AsNoTracking().ToListAsync(ct);
        return claimed.SingleOrDefault();
    }

    private async Task Try(AccountMail mail, CancellationToken ct)
    {
        var outcome = await Send(mail, ct);
        if (outcome.Result != DeliveryResult.Sent)
        {
            LogNotSent(mail.Purpose, mail.Id, mail.Attempts, outcome.Word, outcome.Reason);
        }

        await using var db = await _contexts.CreateDbContextAsync(ct);
        var stored = db.Set<AccountMail>().Where(one => one.Id == mail.Id && one.Attempts == mail.Attempts);
        if (outcome.Result == DeliveryResult.Retry && mail.Attempts < DeliveryBackoff.MaxAttempts)
        {
            var due = Clock.GetUtcNow() + DeliveryBackoff.After(mail.Attempts, outcome.RetryAfter);
            await stored.ExecuteUpdateAsync(set => set.SetProperty(one => one.DueAt, due), ct);
        }
        else
        {
            await stored.ExecuteDeleteAsync(ct);
        }
    }

    private async Task<DeliveryOutcome> Send(AccountMail mail, CancellationToken ct)
    {
        await using var db = await _contexts.CreateDbContextAsync(ct);
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(one => one.Id == mail.UserId, ct);
        if (user is null || SmtpSender.Recipient(user.Email) is not { } to)
        {
            return DeliveryOutcome.Failed("no_address");
        }

        if (await _limits.TryTake(MailLimits.Accounts(user.Email), PerHour, PerDay, ct) is not { } taken)
        {
            return DeliveryOutcome.Failed(MailLimits.Reached);
        }

        using var timeout = new CancellationTokenSource(_settings.SendTimeout, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        DeliveryOutcome outcome;
        try
        {
            outcome = await _smtp.Send(await Write(mail, user.Email, to, ct), either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            outcome = DeliveryOutcome.Retry("timeout");
        }

        if (outcome.Result != DeliveryResult.Sent)
        {
            await _limits.GiveBack(taken, ct);
        }

        return outcome;
    }

    private async Task<MimeMessage> Write(AccountMail mail, string email, string to, CancellationToken ct)
    {
        var token = await _tokens.Create(mail.UserId, email, mail.Purpose, ct);
        var (subject, text) = mail.Purpose == MailPurposes.Verify
            ? ("Confirm your e-mail address", $"""
                Somebody, probably you, gave this address to TodoFlow. To get reminders by mail, confirm within a day that it is yours:

                {_email.Link("api/auth/verify", token)}

                If it was not you, do nothing: you will get no reminders.
                """)
            : ("Choose a new password", $"""
                Somebody, probably you, asked for a new password for TodoFlow. Choose it within an hour:

                {_email.Link("api/auth/password/reset", token)}

                If it was not you, do nothing: your password stays as it is.
                """);
        var from = new MailAddress(_email.From!);
        return EmailMessage.Write($"{mail.Id:N}.{mail.Attempts}@{from.Host}", from, to, subject, text.ReplaceLineEndings("\r\n") + "\r\n", html: null, Clock.GetUtcNow());
    }

    // Without the address.
    [LoggerMessage(Level = LogLevel.Information, Message = "Try {Attempt} of the mail {MailId} ({Purpose}) ended with {Outcome}: {Reason}")]
    private partial void LogNotSent(string purpose, Guid mailId, int attempt, string outcome, string? reason);
}
