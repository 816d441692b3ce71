using System.Net;
using System.Net.Mail;
using System.Text;
using MimeKit;

namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>
/// Writes a delivery as a message in two forms, text and HTML (RFC 2046 section 5.1.4). What a user typed is escaped in HTML, and
/// appears in headers as encoded words only: it can neither begin a tag nor a header.
/// </summary>
internal static class EmailMessage
{
    private const string Why = "You get this message because you asked TodoFlow to remind you.";
    private const int LongestSubject = 200;

    /// <summary>The message.</summary>
    /// <param name="message">What to say.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">The recipient's address.</param>
    /// <param name="app">The address of the application that the message links to; null for no link.</param>
    /// <param name="unsubscribe">The address that ends such mails, without signing in (RFC 8058).</param>
    /// <param name="now">Its date.</param>
    public static MimeMessage Write(DeliveryMessage message, MailAddress from, string to, Uri? app, Uri unsubscribe, DateTimeOffset now)
    {
        var mail = Write(
            $"{message.DeliveryId:N}@{from.Host}", // the same for each try of a delivery, so that a repeat can be told
            from, to, message.Title, Text(message, app, unsubscribe), Html(message, app, unsubscribe), now);
        SetHeader(mail, HeaderId.ListUnsubscribe, $"<{unsubscribe.AbsoluteUri}>");
        SetHeader(mail, HeaderId.ListUnsubscribePost, "List-Unsubscribe=One-Click");
        return mail;
    }

    /// <summary>A message of the application's own.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">The recipient's address.</param>
    /// <param name="subject">Its subject.</param>
    /// <param name="text">Its text.</param>
    /// <param name="html">The same as HTML; null where it has one form only.</param>
    /// <param name="now">Its date.</param>
    public static MimeMessage Write(string id, MailAddress from, string to, string subject, string text, string? html, DateTimeOffset now)
    {
        var mail = new MimeMessage { Date = now, MessageId = id, Body = new BodyBuilder { TextBody = text, HtmlBody = html }.ToMessageBody() };
        mail.To.Add(new MailboxAddress("", to));
        mail.Headers.Add(HeaderId.AutoSubmitted, "auto-generated"); // RFC 3834: nobody's autoresponder need answer
        SetHeader(mail, HeaderId.From, from.DisplayName.Length == 0 ? from.Address : $"{Encoded(from.DisplayName)}\r\n <{from.Address}>");
        SetHeader(mail, HeaderId.Subject, Encoded(Shorten(subject)));
        return mail;
    }

    private static string Text(DeliveryMessage message, Uri? app, Uri unsubscribe)
    {
        var link = message.Link(app) is { } url ? $"{url}\r\n\r\n" : "";
        return $"{message.Title}\r\n\r\n{message.Body.ReplaceLineEndings("\r\n")}\r\n\r\n{link}-- \r\n{Why}\r\nNo more of them: {unsubscribe.AbsoluteUri}\r\n";
    }

    private static string Html(DeliveryMessage message, Uri? app, Uri unsubscribe)
    {
        var title = WebUtility.HtmlEncode(message.Title);
        var lines = string.Join("<br>\r\n", message.Body.ReplaceLineEndings("\n").Split('\n').Select(WebUtility.HtmlEncode));
        var link = message.Link(app) is { } url ? $"<p><a href=\"{WebUtility.HtmlEncode(url)}\">Open in TodoFlow</a></p>\r\n" : "";
        return $"<!DOCTYPE html>\r\n<html><head><meta charset=\"utf-8\"><title>{title}</title></head>\r\n"
            + $"<body><h2>{title}</h2>\r\n<p>{lines}</p>\r\n{link}<p><small>{Why} <a href=\"{WebUtility.HtmlEncode(unsubscribe.AbsoluteUri)}\">Unsubscribe</a></small></p></body></html>\r\n";
    }

    private static string Shorten(string title) =>
        title.Length <= LongestSubject ? title : string.Concat(title.EnumerateRunes().Take(LongestSubject - 1)) + "…";

    private static void SetHeader(MimeMessage mail, HeaderId id, string value)
    {
        var header = new Header(id, "");
        header.SetRawValue(Encoding.ASCII.GetBytes($" {value}\r\n"));
        mail.Headers.Replace(header);
    }

    // RFC 2047 section 2: encoded words of at most 75 characters, of whole characters, in lines of at most 76. MimeKit 4.18 counts a letter
    // such as ä as one byte of UTF-8, and makes words of up to 186. Short plain text stays readable.
    private static string Encoded(string text)
    {
        if (text.Length <= 60 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is ' ' or '-' or '!' or '\''))
        {
            return text;
        }

        const int BytesPerWord = 39; // 64 characters as a word, which fit beside "Subject: "
        var words = new List<string>();
        var word = new List<byte>(BytesPerWord);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var bytes = utf8[..rune.EncodeToUtf8(utf8)];
            if (word.Count + bytes.Length > BytesPerWord)
            {
                words.Add(Word(word));
                word.Clear();
            }

            word.AddRange(bytes);
        }

        words.Add(Word(word));
        return string.Join("\r\n ", words);
    }

    private static string Word(List<byte> bytes) => $"=?utf-8?B?{Convert.ToBase64String([.. bytes])}?=";
}
