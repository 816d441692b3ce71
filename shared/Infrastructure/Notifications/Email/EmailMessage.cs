using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text;

namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>
/// Writes a delivery as a message (RFC 5322) in two forms, text and HTML (RFC 2046 section 5.1.4). What a user typed appears encoded
/// only: in headers as encoded words, in bodies as base64 of UTF-8, in HTML escaped. So it can neither begin a header nor a tag.
/// </summary>
internal static class EmailMessage
{
    private const string Why = "You get this message because you asked TodoFlow to remind you.";
    private const int LongestSubject = 200;

    /// <summary>The message with CRLF line ends.</summary>
    /// <param name="message">What to say.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">The recipient's address.</param>
    /// <param name="app">The address of the application that the message links to; null for no link.</param>
    /// <param name="now">Its date.</param>
    public static string Write(DeliveryMessage message, MailAddress from, string to, Uri? app, DateTimeOffset now)
    {
        var boundary = $"todoflow-{message.DeliveryId:N}";
        var sender = from.DisplayName.Length == 0 ? from.Address : $"{Encoded(from.DisplayName)} <{from.Address}>";
        return new StringBuilder()
            .Append("Date: ").Append(now.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)).Append("\r\n")
            .Append("From: ").Append(sender).Append("\r\n")
            .Append("To: ").Append(to).Append("\r\n")
            .Append("Message-ID: ").Append(MessageId(message.DeliveryId, from)).Append("\r\n")
            .Append("Subject: ").Append(Encoded(Shorten(message.Title))).Append("\r\n")
            .Append("Auto-Submitted: auto-generated\r\n") // RFC 3834: nobody's autoresponder need answer
            .Append("MIME-Version: 1.0\r\n")
            .Append("Content-Type: multipart/alternative; boundary=\"").Append(boundary).Append("\"\r\n\r\n")
            .Append(Part(boundary, "text/plain", Text(message, app)))
            .Append(Part(boundary, "text/html", Html(message, app)))
            .Append("--").Append(boundary).Append("--\r\n")
            .ToString();
    }

    /// <summary>The message's id: the same for each try of a delivery, so that a repeat can be told.</summary>
    public static string MessageId(Guid delivery, MailAddress from) => $"<{delivery:N}@{from.Host}>";

    private static string Part(string boundary, string type, string content) =>
        $"--{boundary}\r\nContent-Type: {type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + Convert.ToBase64String(Encoding.UTF8.GetBytes(content), Base64FormattingOptions.InsertLineBreaks) + "\r\n";

    private static string Text(DeliveryMessage message, Uri? app)
    {
        var link = message.Link(app) is { } url ? $"{url}\r\n\r\n" : "";
        return $"{message.Title}\r\n\r\n{message.Body.ReplaceLineEndings("\r\n")}\r\n\r\n{link}-- \r\n{Why}\r\n";
    }

    private static string Html(DeliveryMessage message, Uri? app)
    {
        var title = WebUtility.HtmlEncode(message.Title);
        var lines = string.Join("<br>\r\n", message.Body.ReplaceLineEndings("\n").Split('\n').Select(WebUtility.HtmlEncode));
        var link = message.Link(app) is { } url ? $"<p><a href=\"{WebUtility.HtmlEncode(url)}\">Open in TodoFlow</a></p>\r\n" : "";
        return $"<!DOCTYPE html>\r\n<html><head><meta charset=\"utf-8\"><title>{title}</title></head>\r\n"
            + $"<body><h2>{title}</h2>\r\n<p>{lines}</p>\r\n{link}<p><small>{Why}</small></p></body></html>\r\n";
    }

    private static string Shorten(string title) =>
        title.Length <= LongestSubject ? title : string.Concat(title.EnumerateRunes().Take(LongestSubject - 1)) + "…";

    // RFC 2047: words of at most 75 characters, each of whole characters, folded. Short plain text stays readable.
    private static string Encoded(string text)
    {
        if (text.Length <= 60 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is ' ' or '-' or '!' or '\''))
        {
            return text;
        }

        const int BytesPerWord = 45;
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
