using System.Globalization;
using System.Net.Mail;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Notifications;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>The channel <c>email</c>: one message over one connection to the SMTP server of the settings, to the account's address.</summary>
internal sealed class EmailChannel(
    IDbContextFactory<TodoFlowDb> contexts, IOptions<EmailSettings> settings, IOptions<NotificationSettings> notifications, TimeProvider clock)
    : INotificationChannel
{
    private const string NoAddress = "no_address";

    private readonly Lazy<X509Certificate2Collection?> trusted = new(() => ReadTrusted(settings.Value.SslCaLocation));

    /// <inheritdoc/>
    public string Name => Channels.Email;

    /// <inheritdoc/>
    public async Task<IReadOnlySet<Guid>> FindReachable(TodoFlowDb db, IReadOnlyCollection<Guid> users, CancellationToken ct) =>
        await db.Users.Where(user => users.Contains(user.Id) && user.Email != "").Select(user => user.Id).ToHashSetAsync(ct);

    /// <inheritdoc/>
    public async Task<DeliveryOutcome> Send(DeliveryMessage message, CancellationToken ct)
    {
        if (await ReadAddress(message.UserId, ct) is not { } to)
        {
            return DeliveryOutcome.Failed(NoAddress);
        }

        var from = new MailAddress(settings.Value.From!);
        var text = EmailMessage.Write(message, from, to, notifications.Value.AppUrl, clock.GetUtcNow());
        try
        {
            await using var connection = await SmtpConnection.Open(settings.Value, trusted.Value, ct);
            await connection.Send(from.Address, to, text, ct);
            await connection.Quit(ct);
            return DeliveryOutcome.Sent;
        }
        catch (SmtpRefusedException refused)
        {
            return refused.IsForGood ? DeliveryOutcome.Failed(refused.Reason) : DeliveryOutcome.Retry(refused.Reason);
        }
        catch (AuthenticationException)
        {
            return DeliveryOutcome.Retry("tls_failed");
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            return DeliveryOutcome.Retry("connection_failed");
        }
    }

    // The domain in ASCII, which every server understands; what stands before the @ may need SMTPUTF8.
    private async Task<string?> ReadAddress(Guid user, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        var stored = await db.Users.Where(one => one.Id == user).Select(one => one.Email).SingleOrDefaultAsync(ct);
        if (!EmailAddress.TryParse(stored, out var address))
        {
            return null;
        }

        var at = address.Address.LastIndexOf('@');
        try
        {
            return $"{address.Address[..at]}@{new IdnMapping().GetAscii(address.Address[(at + 1)..])}";
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static X509Certificate2Collection? ReadTrusted(string? file)
    {
        if (string.IsNullOrEmpty(file))
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(file);
        return certificates;
    }
}
