using System.Text.Encodings.Web;
using System.Text.Json;
using TodoFlow.Domain.Json;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using Xunit;

namespace TodoFlow.Tests.Unit.Tasks;

/// <summary>The hand-written shape of a task is the source-generated one, byte for byte.</summary>
public sealed class TaskResponseConverterTests
{
    private static readonly TaskJson Generated = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new UtcInstantConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static TheoryData<string> Shapes => [.. Tasks.Keys];

    private static Dictionary<string, TaskResponse> Tasks { get; } = Make();

    [Theory]
    [MemberData(nameof(Shapes))]
    public void It_writes_what_the_generated_shape_writes(string shape) =>
        Assert.Equal(JsonSerializer.Serialize(Tasks[shape], Generated.TaskResponse), JsonSerializer.Serialize(Tasks[shape], TaskJson.Wire.TaskResponse));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void It_reads_what_it_wrote(string shape)
    {
        var read = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(Tasks[shape], TaskJson.Wire.TaskResponse), TaskJson.Wire.TaskResponse);

        Assert.Equivalent(Tasks[shape], read, strict: true);
    }

    [Fact]
    public void No_property_of_a_task_is_left_out() =>
        Assert.Equal(
            typeof(TaskResponse).GetProperties().Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)),
            JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(Tasks["full"], TaskJson.Wire.TaskResponse)).RootElement.EnumerateObject().Select(property => property.Name));

    private static Dictionary<string, TaskResponse> Make()
    {
        var now = new DateTimeOffset(2026, 3, 1, 9, 30, 0, TimeSpan.FromHours(1)).AddTicks(1234560);
        var full = new TaskResponse
        {
            Id = Guid.CreateVersion7(now),
            UserId = Guid.CreateVersion7(now),
            Title = "Grüße \"quoted\" \\ 😀 </script>\u2028\u0001",
            Description = "two\nlines\tand a tab",
            Status = TaskItemStatus.Completed,
            Priority = TaskPriority.High,
            Tags = ["home", "zu Hause & mehr", ""],
            DueDate = "2026-03-01T09:30:00+01:00",
            TimeZone = "Europe/Berlin",
            Recurrence = "FREQ=WEEKLY;BYDAY=MO,TH",
            RecurrenceBasis = RecurrenceBasis.Completion,
            ParentTaskId = Guid.CreateVersion7(now),
            SeriesId = Guid.CreateVersion7(now),
            Occurrence = 12,
            ReminderOffset = "15 minutes",
            Version = long.MaxValue,
            CreatedAt = now,
            UpdatedAt = now.AddTicks(10),
            CompletedAt = DateTimeOffset.UnixEpoch,
        };
        return new()
        {
            ["full"] = full,
            ["empty"] = full with
            {
                Title = "",
                Description = null,
                Status = TaskItemStatus.Pending,
                Priority = TaskPriority.Low,
                Tags = [],
                DueDate = null,
                Recurrence = "none",
                RecurrenceBasis = RecurrenceBasis.Due,
                ParentTaskId = null,
                SeriesId = null,
                Occurrence = null,
                ReminderOffset = null,
                Version = 1,
                CompletedAt = null,
            },
            ["medium"] = full with { Priority = TaskPriority.Medium },
        };
    }
}
