using System.Net.Mail;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using MimeKit;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Notifications.Email;
using Xunit;

namespace TodoFlow.Tests.Unit.Notifications;

public class EmailMessageTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Titles that headers are easily broken by.</summary>
    public static Arbitrary<string> Titles() => Gen.Elements("a", "Z", " ", "ä", "日", "😀", "\"", "=?", "?=", "=?utf-8?B?YQ==?=", "\r\n", "\n", "\0", "\u2028", "Bcc: eve@example.com", ".", "\t", "<b>", "word", "è")
        .ListOf().Select(parts => string.Concat(parts)).ToArbitrary();

    [Property(MaxTest = 500, Arbitrary = [typeof(EmailMessageTests)])]
    public void No_title_breaks_a_header_or_is_changed_by_one(string title)
    {
        var (lines, read) = Send(title, new MailAddress("reminders@example.com", WithoutLineEnds(title)));

        Assert.Equal(
            ["auto-submitted", "date", "from", "list-unsubscribe", "list-unsubscribe-post", "message-id", "mime-version", "subject", "to"],
            read.Headers.Select(header => header.Field.ToLowerInvariant()).Order(StringComparer.Ordinal));
        Assert.Equal("reminders@example.com", Assert.Single(read.From.Mailboxes).Address);
        Assert.Empty(read.Bcc);
        var shown = title.Length <= 200 ? title : string.Concat(title.EnumerateRunes().Take(199)) + "…";
        Assert.Equal(WithoutLineEnds(shown).Trim(), read.Subject!.Trim()); // a reader drops what would end a line
        Assert.All(lines, line =>
        {
            var words = line.Split(' ').Where(word => word.StartsWith("=?", StringComparison.Ordinal)).ToList();
            Assert.All(words, word => Assert.True(word.Length <= 75, word));
            Assert.True(line.Length <= (words.Count > 0 ? 76 : 78), line);
        });
    }

    [Fact]
    public void A_long_title_of_another_script_keeps_to_the_length_of_lines()
    {
        var title = string.Concat(Enumerable.Repeat("ä", 200)); // MimeKit's own encoder makes a word of 186 characters of it
        var (lines, read) = Send(title, new MailAddress("reminders@example.com", title));

        Assert.Equal(title, read.Subject);
        Assert.Equal(title, Assert.Single(read.From.Mailboxes).Name);
        Assert.All(lines, line => Assert.True(line.Length <= 76, line));
    }

    private static string WithoutLineEnds(string text) => text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);

    private static (string[] Header, MimeMessage Read) Send(string title, MailAddress from)
    {
        var message = new DeliveryMessage
        {
            DeliveryId = Guid.NewGuid(),
            UserId = Guid.NewGuid(),
            NotificationId = Guid.NewGuid(),
            TaskId = Guid.NewGuid(),
            ReminderId = null,
            Title = title,
            Body = "b",
            Count = 1,
            RemindAt = null,
            Late = false,
            CreatedAt = Now,
            Attempt = 1,
        };
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        using var stream = new MemoryStream();
        EmailMessage.Write(message, from, "ada@example.com", null, new Uri("https://todo.example.com/api/mail/unsubscribe?token=t"), Now).WriteTo(format, stream);
        stream.Position = 0;
        using var reader = new StreamReader(stream, leaveOpen: true);
        var header = reader.ReadToEnd().Split("\r\n\r\n")[0].Split("\r\n");
        stream.Position = 0;
        return (header, MimeMessage.Load(stream));
    }
}
