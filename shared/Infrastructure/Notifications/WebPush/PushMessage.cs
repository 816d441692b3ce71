using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>What a browser's service worker is given, as JSON.</summary>
/// <param name="NotificationId">The notification, as <c>GET /api/notifications</c> lists it.</param>
/// <param name="ReminderId">The reminder that it comes from; null where there is none. As the notification's tag it lets a repeat take the place of the first.</param>
/// <param name="TaskId">The task that it is about.</param>
/// <param name="Title">The headline.</param>
/// <param name="Body">The text below it. Cut short, with an ellipsis, where the message would grow too long.</param>
/// <param name="Count">How many notifications it speaks for: more than one after quiet hours. The ids are those of the first.</param>
/// <param name="RemindAt">The instant that the reminder was set to; null where there is none.</param>
/// <param name="Late">Whether the reminder fired noticeably after its instant.</param>
/// <param name="Url">What to open on a click; null where <c>Notifications:AppUrl</c> is not set.</param>
public sealed record PushMessage(
    Guid NotificationId, Guid? ReminderId, Guid TaskId, string Title, string Body, int Count, DateTimeOffset? RemindAt, bool Late, string? Url)
{
    private const char Ellipsis = '…';

    /// <summary>What is pushed for a delivery.</summary>
    internal static PushMessage From(DeliveryMessage message, Uri? app) => new(
        message.NotificationId, message.ReminderId, message.TaskId, message.Title, message.Body, message.Count, message.RemindAt, message.Late,
        message.Link(app));

    /// <summary>
    /// The name by which a newer message about the same reminder takes the place of one that the push service still holds (RFC 8030
    /// section 5.4). It tells the push service nothing about the reminder.
    /// </summary>
    internal string Topic() => Base64Url.EncodeToString(SHA256.HashData((ReminderId ?? NotificationId).ToByteArray(bigEndian: true)).AsSpan(0, 24));

    /// <summary>The message as UTF-8, with its texts shortened so that it is no longer than a push service takes.</summary>
    internal byte[] ToUtf8()
    {
        var whole = Write(this);
        if (whole.Length <= PushEncryption.LongestMessage)
        {
            return whole;
        }

        var bare = this with { Title = "", Body = "" };
        var room = PushEncryption.LongestMessage - Write(bare).Length;
        var title = Shorten(Title, room);
        return Write(bare with { Title = title, Body = Shorten(Body, room - Length(title)) });
    }

    private static byte[] Write(PushMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, PushJson.Wire.PushMessage);

    // In the bytes that JSON needs for it: a line break needs two, a control character six.
    private static int Length(string text) => JsonEncodedText.Encode(text, PushJson.Wire.Options.Encoder).EncodedUtf8Bytes.Length;

    // Whole characters as people see them are kept: an emoji of several code points stays or goes.
    private static string Shorten(string text, int room)
    {
        if (Length(text) <= room)
        {
            return text;
        }

        room -= Length(Ellipsis.ToString());
        if (room < 0)
        {
            return "";
        }

        var kept = new StringBuilder();
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();)
        {
            var element = elements.GetTextElement();
            room -= Length(element);
            if (room < 0)
            {
                return kept.Append(Ellipsis).ToString();
            }

            kept.Append(element);
        }

        return kept.ToString();
    }
}
