using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Notifications;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.DueWork;
using MailAddress = System.Net.Mail.MailAddress;

namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>The channel <c>email</c>: to the account's address once that is verified, up to a number of mails in an hour and a day.</summary>
internal sealed class EmailChannel(
    [Background] IDbContextFactory<TodoFlowDb> contexts, SmtpSender smtp, MailLimits limits, MailTokens tokens, IOptions<EmailSettings> settings,
    IOptions<NotificationSettings> notifications, TimeProvider clock)
    : INotificationChannel
{
    private const string NoAddress = "no_address";

    /// <summary>Why a delivery failed whose user has not verified the address.</summary>
    private const string Unverified = "address_unverified";

    /// <inheritdoc/>
    public string Name => Channels.Email;

    /// <inheritdoc/>
    public async Task<IReadOnlySet<Guid>> FindReachable(TodoFlowDb db, IReadOnlyCollection<Guid> users, CancellationToken ct) =>
        await db.Users.Where(user => users.Contains(user.Id) && user.Email != "" && user.EmailVerifiedAt != null).Select(user => user.Id).ToHashSetAsync(ct);

    /// <inheritdoc/>
    public async Task<DeliveryOutcome> Send(DeliveryMessage message, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        var user = await db.Users.AsNoTracking().Where(one => one.Id == message.UserId).Select(one => new { one.Email, one.EmailVerifiedAt }).SingleOrDefaultAsync(ct);
        if (user is null || SmtpSender.Recipient(user.Email) is not { } to)
        {
            return DeliveryOutcome.Failed(NoAddress);
        }

        if (user.EmailVerifiedAt is null)
        {
            return DeliveryOutcome.Failed(Unverified);
        }

        if (await limits.TryTake(MailLimits.Reminders(message.UserId, user.Email), settings.Value.MailsPerHour, settings.Value.MailsPerDay, ct) is not { } taken)
        {
            return DeliveryOutcome.Failed(MailLimits.Reached);
        }

        var isSent = false;
        try
        {
            var unsubscribe = settings.Value.Link("api/mail/unsubscribe", await tokens.CreateUnsubscription(message.UserId, ct));
            var outcome = await smtp.Send(
                EmailMessage.Write(message, new MailAddress(settings.Value.From!), to, notifications.Value.AppUrl, unsubscribe, clock.GetUtcNow()), ct);
            isSent = outcome.Result == DeliveryResult.Sent;
            return outcome;
        }
        finally
        {
            if (!isSent)
            {
                await limits.GiveBack(taken, CancellationToken.None); // also where its time was over
            }
        }
    }
}
