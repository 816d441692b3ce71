using System.Text;
using System.Text.Json.Nodes;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Realtime;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Realtime;

public sealed class RealtimeMessagesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 30, 0, TimeSpan.Zero);
    private readonly LogLines _log = new();

    [Fact]
    public void Updates_and_reminders_become_messages_for_their_user_in_the_order_of_the_records()
    {
        var user = Guid.CreateVersion7();
        var (task, created) = TaskItem.Create(Guid.CreateVersion7(), user, new TaskEdit { Title = "Milk" }, null, Now);
        var changed = task.Update(new TaskEdit { DueDate = (DueDate?)null, Priority = TaskPriority.High }, null, Now)!;
        var pushed = new NotificationPushed(Guid.CreateVersion7(), null, task.Id, user, "Milk", "It is time", null, Late: true, Now, Now);

        var messages = Read(Now, [.. OutboxEvent.Of(created).Skip(1), .. OutboxEvent.Of(changed).Skip(1), .. OutboxEvent.Of(pushed)]);

        Assert.Equal([(user, "task_update"), (user, "task_update"), (user, "reminder")], messages.Select(message => (message.UserId, message.Target)));
        var whole = JsonNode.Parse(messages[0].Payload.GetRawText())!;
        Assert.Equal(["change", "changed_at", "correlation_id", "fields", "task_id", "version"], whole.AsObject().Select(field => field.Key).Order());
        Assert.Equal("Milk", whole["fields"]!["title"]!.GetValue<string>());
        Assert.Equal("""{"priority":"high"}""", JsonNode.Parse(messages[1].Payload.GetRawText())!["fields"]!.ToJsonString());
        Assert.Equal(
            $$"""{"notification_id":"{{pushed.NotificationId}}","reminder_id":null,"task_id":"{{task.Id}}","title":"Milk","body":"It is time","remind_at":null,"late":true,"created_at":"2026-03-01T09:30:00.000000Z"}""",
            messages[2].Payload.GetRawText());
    }

    [Fact]
    public async Task What_cannot_be_read_is_logged_and_stops_nothing()
    {
        var (_, created) = TaskItem.Create(Guid.CreateVersion7(), Guid.CreateVersion7(), new TaskEdit { Title = "Milk" }, null, Now);
        var good = OutboxEvent.Of(created).Last().Payload;
        byte[]?[] bad = [null, [0xff], "{}"u8.ToArray(), Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(good).Replace("changed.v1", "changed.v2", StringComparison.Ordinal))];

        var messages = new RealtimeMessages(new FakeClock(Now), new LoggerFactory([_log]).CreateLogger<RealtimeMessages>()).Read(
            "todoflow-realtime", [.. bad.Append(good).Select((value, place) => new EventRecord("task-updates", 2, place, null, value, []))]);

        Assert.Single(messages);
        for (var place = 0; place < bad.Length; place++)
        {
            Assert.Contains($"task-updates/2@{place}", await _log.Next(LogLevel.Warning), StringComparison.Ordinal);
        }

        Assert.False(_log.Any(LogLevel.Warning));
    }

    [Fact]
    public void Types_that_are_no_news_for_devices_are_passed_over()
    {
        var (_, created) = TaskItem.Create(Guid.CreateVersion7(), Guid.CreateVersion7(), new TaskEdit { Title = "Milk" }, null, Now);
        var unknown = Encoding.UTF8.GetString(OutboxEvent.Of(created).Last().Payload).Replace("task.changed.v1", "task.archived.v1", StringComparison.Ordinal);
        Assert.Empty(Read(Now, [OutboxEvent.Of(created).First()]));
        Assert.Empty(new RealtimeMessages(new FakeClock(Now), new LoggerFactory([_log]).CreateLogger<RealtimeMessages>()).Read(
            "todoflow-realtime", [new EventRecord("task-updates", 0, 0, null, Encoding.UTF8.GetBytes(unknown), [])]));
        Assert.False(_log.Any(LogLevel.Warning));
    }

    [Fact]
    public void A_backlog_is_no_news()
    {
        var (_, created) = TaskItem.Create(Guid.CreateVersion7(), Guid.CreateVersion7(), new TaskEdit { Title = "Milk" }, null, Now);
        Assert.Single(Read(Now.AddMinutes(60), [.. OutboxEvent.Of(created).Skip(1)]));
        Assert.Empty(Read(Now.AddMinutes(60).AddTicks(10), [.. OutboxEvent.Of(created).Skip(1)]));
    }

    private IReadOnlyList<RealtimeMessage> Read(DateTimeOffset now, IReadOnlyList<OutboxEvent> events) =>
        new RealtimeMessages(new FakeClock(now), new LoggerFactory([_log]).CreateLogger<RealtimeMessages>()).Read(
            "todoflow-realtime", [.. events.Select((row, place) => new EventRecord(row.Topic, row.Shard, place, null, row.Payload, []))]);
}
