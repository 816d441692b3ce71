using System.Text;
using System.Text.Json;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence.Rows;
using Xunit;

namespace TodoFlow.Tests.Unit.Memory;

/// <summary>What a page counts of an entry is never less than is written, and not much more.</summary>
public sealed class JsonSizeTests
{
    [Fact]
    public void No_character_is_written_longer_than_it_is_counted()
    {
        for (var code = 0; code <= 0x10FFFF; code = code == 0xD7FF ? 0xE000 : code + 1)
        {
            var text = char.ConvertFromUtf32(code);
            Assert.True(JsonSize.Of(text) >= Written(text), $"U+{code:X4}");
        }
    }

    [Theory]
    [InlineData("Buy milk \"today\" \\ tomorrow")]
    [InlineData("Grüße an die Müllerin")]
    [InlineData("牛奶和面包")]
    [InlineData("a\tb\nc\u0001d")]
    public void Usual_text_is_counted_nearly_as_it_is_written(string text) => Assert.InRange(JsonSize.Of(text), Written(text), Written(text) * 2);

    [Fact]
    public void A_task_is_not_written_longer_than_it_is_counted()
    {
        var now = DateTimeOffset.MaxValue;
        var task = new TaskResponse
        {
            Id = Guid.NewGuid(),
            UserId = Guid.NewGuid(),
            Title = "Buy \u0001 \"milk\"",
            Description = new string('\u0001', 100) + "👩‍💻",
            Status = TaskItemStatus.Completed,
            Priority = TaskPriority.Medium,
            Tags = ["a\"b", "é", ""],
            DueDate = "2026-03-01T09:30:00+01:00",
            TimeZone = "America/Argentina/ComodRivadavia",
            Recurrence = "FREQ=WEEKLY;BYDAY=MO,TH",
            RecurrenceBasis = TodoFlow.Domain.Recurrence.RecurrenceBasis.Completion,
            ParentTaskId = Guid.NewGuid(),
            SeriesId = Guid.NewGuid(),
            Occurrence = int.MaxValue,
            ReminderOffset = "15 minutes",
            Version = long.MaxValue,
            CreatedAt = now,
            UpdatedAt = now,
            CompletedAt = now,
        };

        var written = JsonSerializer.SerializeToUtf8Bytes(task, TodoFlowJson.Wire.TaskResponse).Length;

        Assert.InRange(TaskResponseRows.JsonSizeOf(task), written, written + 300);
    }

    private static int Written(string text) => Encoding.UTF8.GetByteCount(JsonSerializer.Serialize(text, TodoFlowJson.Wire.Options)) - 2;
}
