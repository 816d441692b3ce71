using System.Net.Mail;
using System.Text;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>The SMTP server that takes the mail. Without a host the channel is not offered.</summary>
public sealed class EmailSettings : ISettings
{
    /// <summary>Plain text becomes TLS by STARTTLS, or nothing is sent (RFC 3207).</summary>
    public const string StartTls = "starttls";

    /// <summary>TLS from the first byte (RFC 8314).</summary>
    public const string Tls = "tls";

    /// <summary>Plain text, for a server on the same machine.</summary>
    public const string None = "none";

    /// <inheritdoc/>
    public static string Section => "Email";

    /// <summary>The server's name, which its certificate must hold.</summary>
    public string? Host { get; set; }

    /// <summary>Its port: 587 for submission with STARTTLS, 465 with TLS.</summary>
    public int Port { get; set; } = 587;

    /// <summary><see cref="StartTls"/>, <see cref="Tls"/> or <see cref="None"/>.</summary>
    public string Security { get; set; } = StartTls;

    /// <summary>Who signs in; null where the server asks nobody to.</summary>
    public string? User { get; set; }

    /// <summary>With which password.</summary>
    public string? Password { get; set; }

    /// <summary>The sender: <c>reminders@example.com</c>, or with a name: <c>TodoFlow &lt;reminders@example.com&gt;</c>.</summary>
    public string? From { get; set; }

    /// <summary>
    /// Where people reach this API from outside, such as <c>https://todo.example.com</c>: mails link to its pages, to verify an address, to
    /// choose a new password, and to unsubscribe (RFC 8058 wants https).
    /// </summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>How many reminders are mailed to one user, and to one address, in an hour. What is over it is not mailed.</summary>
    public int MailsPerHour { get; set; } = 60;

    /// <summary>How many in a day.</summary>
    public int MailsPerDay { get; set; } = 300;

    /// <summary>A PEM file with the certificates that are trusted instead of the system's, for a server with a certificate of your own.</summary>
    public string? SslCaLocation { get; set; }

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        if (string.IsNullOrEmpty(Host))
        {
            yield break;
        }

        if (Uri.CheckHostName(Host) == UriHostNameType.Unknown)
        {
            yield return "Email:Host must be a host name or an address.";
        }

        if (Port is < 1 or > 65535)
        {
            yield return $"Email:Port is {Port}; it must be between 1 and 65535.";
        }

        if (Security is not (StartTls or Tls or None))
        {
            yield return $"Email:Security is '{Security}'; it must be {StartTls}, {Tls} or {None}.";
        }

        if (string.IsNullOrEmpty(From) || !MailAddress.TryCreate(From, out var from) || !Ascii.IsValid(from.Address))
        {
            yield return "Email:From must be an address such as reminders@example.com: it is needed with Email:Host.";
        }

        if (PublicUrl is not { IsAbsoluteUri: true, Query: "", Fragment: "" } || (PublicUrl.Scheme != Uri.UriSchemeHttps && PublicUrl.Scheme != Uri.UriSchemeHttp))
        {
            yield return "Email:PublicUrl must be the address of this API as people reach it, such as https://todo.example.com: it is needed with Email:Host.";
        }

        if (MailsPerHour is < 1 or > 1_000_000 || MailsPerDay < MailsPerHour || MailsPerDay > 1_000_000)
        {
            yield return "Email:MailsPerHour must be between 1 and 1000000, and Email:MailsPerDay not less than it.";
        }

        if (string.IsNullOrEmpty(User) != string.IsNullOrEmpty(Password))
        {
            yield return "Email:User and Email:Password go together.";
        }
        else if (!string.IsNullOrEmpty(User) && Security == None)
        {
            yield return $"Email:User needs Email:Security to be {StartTls} or {Tls}: the password would travel as it is.";
        }

        if (!string.IsNullOrEmpty(SslCaLocation) && !File.Exists(SslCaLocation))
        {
            yield return "Email:SslCaLocation names a file that is not there.";
        }
    }

    /// <summary>The address of a page of this API, with a token in its query.</summary>
    internal Uri Link(string path, string token) => new($"{PublicUrl!.AbsoluteUri.TrimEnd('/')}/{path}?token={Uri.EscapeDataString(token)}");
}
