using System.Text;
using System.Text.Json.Nodes;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Tests.Contract.OpenApi;
using Xunit;

namespace TodoFlow.Tests.Unit.WebPush;

/// <summary>What a service worker is given, and what it is cut to.</summary>
public sealed class PushMessageTests
{
    private static readonly Guid Id = Guid.Parse("019d3b6e-0000-7000-8000-000000000001");

    [Fact]
    public void A_message_is_JSON_with_its_texts_as_they_are()
    {
        var message = Read(Message(Id, Id, "Milch für \"Ada\" 🥛", "Fällig um 9:30"));

        Assert.Equal(["body", "count", "late", "notification_id", "remind_at", "reminder_id", "task_id", "title", "url"], message.Select(field => field.Key).Order());
        Assert.Equal("Milch für \"Ada\" 🥛", message["title"]!.GetValue<string>());
        Assert.Equal("Fällig um 9:30", message["body"]!.GetValue<string>());
        Assert.Equal(Id, message["task_id"]!.GetValue<Guid>());
    }

    [Theory]
    [InlineData("x", 10_000)]
    [InlineData("ä", 10_000)]
    [InlineData("🥛", 5_000)]
    [InlineData("👩‍👩‍👧‍👦", 500)] // one character of seven code points: 66 bytes of JSON
    [InlineData("e\u0301", 5_000)]
    [InlineData("\n", 10_000)]
    [InlineData("\u0001", 10_000)]
    [InlineData("\"", 10_000)]
    public void A_long_text_is_cut_between_characters_and_fills_the_message(string character, int count)
    {
        var message = Message(Id, Id, "Buy milk", string.Concat(Enumerable.Repeat(character, count)));
        var utf8 = message.ToUtf8();
        var body = JsonNode.Parse(utf8)!["body"]!.GetValue<string>();

        Assert.InRange(utf8.Length, PushEncryption.LongestMessage - 70, PushEncryption.LongestMessage);
        Assert.EndsWith("…", body, StringComparison.Ordinal);
        Assert.Equal(0, (body.Length - 1) % character.Length);
        Assert.StartsWith(body[..^1], message.Body, StringComparison.Ordinal);
        Assert.Equal("Buy milk", Read(message)["title"]!.GetValue<string>());
    }

    [Fact]
    public void A_title_that_is_too_long_alone_is_cut_too()
    {
        var message = Message(Id, null, new string('x', 5_000), "Due now");

        Assert.InRange(message.ToUtf8().Length, 1, PushEncryption.LongestMessage);
        Assert.EndsWith("x…", Read(message)["title"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_topic_is_that_of_the_reminder_and_does_not_show_it()
    {
        var topic = Message(Guid.NewGuid(), Id, "One", "").Topic();

        Assert.Equal(topic, Message(Guid.NewGuid(), Id, "Another", "").Topic());
        Assert.NotEqual(topic, Message(Id, Guid.NewGuid(), "One", "").Topic());
        Assert.Equal(Message(Id, null, "One", "").Topic(), Message(Id, null, "Two", "").Topic());
        Assert.Matches("^[A-Za-z0-9_-]{32}$", topic); // RFC 8030 section 5.4
        Assert.DoesNotContain("019d3b6e", Convert.ToHexString(System.Buffers.Text.Base64Url.DecodeFromChars(topic)), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(null, 1, null)]
    [InlineData("https://app.example.com", 1, "https://app.example.com/tasks/019d3b6e-0000-7000-8000-000000000001")]
    [InlineData("https://example.com/todo/", 1, "https://example.com/todo/tasks/019d3b6e-0000-7000-8000-000000000001")]
    [InlineData("https://example.com/todo", 3, "https://example.com/todo")]
    public void A_click_opens_the_task_or_the_application_for_several(string? app, int count, string? url)
    {
        var message = new DeliveryMessage
        {
            DeliveryId = Guid.NewGuid(),
            UserId = Guid.NewGuid(),
            NotificationId = Id,
            TaskId = Id,
            ReminderId = Id,
            Title = "Buy milk",
            Body = "",
            Count = count,
            RemindAt = null,
            Late = false,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Attempt = 1,
        };

        Assert.Equal(url, PushMessage.From(message, app is null ? null : new Uri(app)).Url);
    }

    [Fact]
    public async Task It_is_as_the_API_describes_it()
    {
        var schema = ApiDocument.Message("AddPushSubscription", "push");

        Assert.Empty(await ApiDocument.Violations(schema, Read(Message(Id, Id, "Buy milk", "Due at 9:30")).ToJsonString()));
        Assert.Empty(await ApiDocument.Violations(schema, Read(Message(Id, null, "Buy milk", "")).ToJsonString()));
        Assert.NotEmpty(await ApiDocument.Violations(schema, """{"title": "Buy milk"}"""));
    }

    private static PushMessage Message(Guid notification, Guid? reminder, string title, string body) =>
        new(notification, reminder, Id, title, body, 1, null, false, null);

    private static JsonObject Read(PushMessage message) => JsonNode.Parse(Encoding.UTF8.GetString(message.ToUtf8()))!.AsObject();
}
