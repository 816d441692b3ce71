using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using NJsonSchema;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Events;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Contract;

public sealed class EventContractTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 30, 0, 123, TimeSpan.Zero);

    public static TheoryData<string> Types => [.. EventTypes.All.Select(type => type.Type)];

    [Fact]
    public async Task Every_fact_is_announced_by_events_that_keep_their_schemas()
    {
        var types = new HashSet<string>();
        foreach (var row in Facts().SelectMany(fact => OutboxEvent.Of(fact)))
        {
            await EventContract.Holds(row.Payload);
            types.Add(Read(row).Type);
        }

        Assert.Equal(EventTypes.All.Select(type => type.Type).Order(), types.Order());
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_schema_and_its_type_name_the_same_fields(string type)
    {
        var schema = await EventContract.SchemaOf(type);
        Same(EventTypes.Find(type)!.Data, schema.Properties["data"].ActualSchema, $"{type}.data");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_schema_file_allows_fields_that_a_later_minor_version_adds(string type)
    {
        var schema = JsonNode.Parse(EventTypes.OpenSchema(EventTypes.Find(type)!))!;
        Open(schema, type);
        Assert.Equal(CloudEvent.SchemaOf(type), schema["id"]!.GetValue<string>());

        static void Open(JsonNode? node, string path)
        {
            if (node is not JsonObject schema)
            {
                return;
            }

            if (schema.ContainsKey("properties"))
            {
                Assert.True(schema["additionalProperties"]?.GetValue<bool>() == true, $"{path} is closed");
            }

            foreach (var (name, child) in schema)
            {
                Open(child, $"{path}.{name}");
            }
        }
    }

    [Fact]
    public void There_is_no_schema_file_without_an_event_type() => Assert.Equal(
        EventTypes.All.Select(type => $"schemas/{type.Type}.json").Order(),
        typeof(EventTypes).Assembly.GetManifestResourceNames().Where(name => name.StartsWith("schemas/", StringComparison.Ordinal)).Order());

    [Fact]
    public void A_consumer_of_1_1_reads_a_1_2_event_with_more_fields()
    {
        var row = OutboxEvent.Of(Facts().OfType<TaskUpdated>().Single(fact => fact.Conflict is not null)).First();
        var json = JsonNode.Parse(row.Payload)!;
        Extend(json);
        json["data"]!["schema_version"] = "1.2";

        Assert.True(Event.TryRead(JsonSerializer.SerializeToUtf8Bytes(json), out var read, out _));

        var (before, after) = (Read(row), read);
        Assert.Equal(before with { Data = null }, after with { Data = null });
        var data = Assert.IsType<TaskEventData>(after.Data);
        Assert.Equal("1.2", data.SchemaVersion);
        Assert.Equivalent(((TaskEventData)before.Data!).TaskData, data.TaskData);
        Assert.NotNull(data.Conflict);

        static void Extend(JsonNode? node)
        {
            if (node is JsonArray array)
            {
                array.ToList().ForEach(Extend);
            }
            else if (node is JsonObject fields)
            {
                fields.ToList().ForEach(field => Extend(field.Value));
                fields["added_later"] = new JsonObject { ["by"] = "1.2" };
            }
        }
    }

    [Theory]
    [InlineData("", "not the expected JSON")]
    [InlineData("not json", "not the expected JSON")]
    [InlineData("[]", "not a CloudEvent")]
    [InlineData("{}", "not a CloudEvent")]
    [InlineData("""{"specversion":"0.3"}""", "specversion 1.0")]
    [InlineData("""{"specversion":"1.0","type":"task.completed.v2"}""", "task.completed.v2 is of a version")]
    [InlineData("""{"specversion":"1.0","type":"task.completed.vx"}""", "task.completed.vx is of a version")]
    [InlineData("""{"specversion":"1.0","type":"task.completed.v1","id":"1","time":"2026-01-01T00:00:00Z"}""", "not a CloudEvent")]
    [InlineData("""{"specversion":"1.0","type":"task.completed.v1","id":"0190a6b2-0000-7000-8000-000000000001","time":"2026-01-01T00:00:00Z","data":{"task_id":7}}""", "at $.task_id")]
    [InlineData("""{"specversion":"1.0","type":"task.completed.v1","id":"0190a6b2-0000-7000-8000-000000000001","time":"2026-01-01T00:00:00Z","data":null}""", "at $.data")]
    [InlineData("""{"specversion":"1.0","type":"\ud83d","id":"0190a6b2-0000-7000-8000-000000000001","time":"2026-01-01T00:00:00Z"}""", "not a CloudEvent")]
    public void What_no_consumer_can_read_is_refused_with_the_reason(string text, string reason)
    {
        Assert.False(Event.TryRead(Encoding.UTF8.GetBytes(text), out _, out var said));
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_text_and_records_without_value_are_refused()
    {
        Assert.False(Event.TryRead([0xff, 0xfe, 0x00], out _, out _));
        Assert.False(Event.TryRead(null, out _, out _));
    }

    [Fact]
    public void An_event_of_a_type_that_came_later_is_read_without_its_data()
    {
        var text = """{"specversion":"1.0","type":"task.archived.v1","id":"0190a6b2-0000-7000-8000-000000000001","time":"2026-01-01T00:00:00Z","data":{"x":1}}""";
        Assert.True(Event.TryRead(Encoding.UTF8.GetBytes(text), out var read, out _));
        Assert.Null(read.Data);
        Assert.Equal("0190a6b2-0000-7000-8000-000000000001", read.CorrelationId);
    }

    [Fact]
    public void Correlation_and_trace_go_from_a_request_through_an_event_into_what_it_causes()
    {
        Event first;
        ActivityTraceId trace;
        Correlation.Id = "request-1";
        using (var request = new Activity("request").Start())
        {
            trace = request.TraceId;
            first = Read(OutboxEvent.Of(Facts().First()).First());
        }

        Correlation.Id = "";
        Event second;
        using (first.Continue("effect"))
        {
            second = Read(OutboxEvent.Of(Facts().First()).First());
        }

        Assert.Equal(("request-1", "request-1"), (first.CorrelationId, second.CorrelationId));
        Assert.Equal(trace, ActivityContext.Parse(second.TraceParent!, null).TraceId);
        Assert.NotEqual(first.TraceParent, second.TraceParent);
        Assert.Equal("", Correlation.Id);
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void What_happens_outside_of_a_request_begins_a_correlation_of_its_own()
    {
        var read = Read(OutboxEvent.Of(Facts().First()).First());
        Assert.Equal(read.Id.ToString(), read.CorrelationId);
        Assert.Null(read.TraceParent);
    }

    private static Event Read(OutboxEvent row) =>
        Event.TryRead(row.Payload, out var read, out var reason) ? read : throw new Xunit.Sdk.XunitException(reason);

    // Every transition, with what is awkward to write: all fields, none, quotes, control characters, text beyond the BMP.
    private static IEnumerable<IDomainEvent> Facts()
    {
        var user = Guid.CreateVersion7();
        yield return new NotificationPushed(Guid.CreateVersion7(), null, Guid.CreateVersion7(), user, "x", "", null, Late: false, Now, Now);
        yield return new NotificationPushed(
            Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), user, "\"Milk\" 🥛", "\u0001 \u2028", Now.ToOffset(TimeSpan.FromHours(9)), Late: true, Now, Now.AddTicks(7));
        var (bare, bareCreated) = TaskItem.Create(Guid.CreateVersion7(), user, new TaskEdit { Title = "x" }, null, Now);
        yield return bareCreated;
        yield return bare.Delete(Now);

        var due = DueDate.At(new DateTimeOffset(2026, 3, 10, 19, 0, 0, 500, TimeSpan.FromHours(1)));
        var edit = new TaskEdit
        {
            Title = "\"Milk\" \\ \u0001 \u2028 <b>🥛</b>",
            Description = string.Concat(Enumerable.Repeat("🥛", 5000)),
            Priority = TaskPriority.High,
            Tags = new[] { "a", "ü" },
            DueDate = due,
            TimeZone = "Europe/Berlin",
            Recurrence = "FREQ=DAILY",
            RecurrenceBasis = RecurrenceBasis.Completion,
            ReminderOffset = "15 minutes",
        };
        var (task, created) = TaskItem.Create(Guid.CreateVersion7(), user, edit, null, Now);
        yield return created;
        yield return task.Update(new TaskEdit { Title = "one" }, null, Now.AddTicks(7))!;
        yield return task.Update(new TaskEdit { Title = "two", Description = (string?)null, Recurrence = (string?)null, DueDate = (DueDate?)null }, 1, Now)!;
        yield return task.Complete(Now)!;
        yield return task.Reopen(null, Now)!;
        yield return task.Delete(Now, TimeSpan.FromDays(30));
        yield return task.Restore(seriesHasHead: false, Now);
        yield return task.Purge(Now);

        var reminder = new Reminder
        {
            Id = Guid.CreateVersion7(),
            TaskId = task.Id,
            UserId = user,
            RemindAt = Now,
            ReminderOffset = "15 minutes",
            OfTask = true,
            CreatedAt = Now,
            UpdatedAt = Now,
        };
        yield return new ReminderScheduled(reminder, TaskResponse.From(task), Now);
        yield return new ReminderDue(reminder, TaskResponse.From(bare), Now);
        yield return new ReminderSent(reminder, "email", Now);
        reminder.Reason = "task_completed";
        reminder.ReminderOffset = null;
        yield return new ReminderFailed(reminder, Now);
        yield return new ReminderCancelled(reminder, null, Now);
    }

    // Both ways: a property without a schema, and a schema without its property, fail.
    private static void Same(JsonTypeInfo shape, JsonSchema schema, string path)
    {
        Assert.Equal(
            shape.Properties.Select(property => property.Name).Order(),
            schema.Properties.Keys.Order());
        foreach (var property in shape.Properties)
        {
            var field = schema.Properties[property.Name];
            var at = $"{path}.{property.Name}";
            if (!field.IsRequired)
            {
                Assert.True(property.IsGetNullable && property.ShouldSerialize is not null, $"{at} is always written");
            }
            else if (property.PropertyType != typeof(JsonNode))
            {
                var optional = property.ShouldSerialize is not null; // changes: required of some events, unknown to others
                Assert.True(optional || field.IsNullable(SchemaType.JsonSchema) == (property.IsGetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null), $"{at} differs in null");
            }

            Same(property, field.ActualSchema, at);
        }
    }

    private static void Same(JsonPropertyInfo property, JsonSchema schema, string path)
    {
        if (property.PropertyType == typeof(JsonNode))
        {
            return;
        }

        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var info = property.Options.GetTypeInfo(type);
        var expected = type switch
        {
            _ when type == typeof(string) || type == typeof(Guid) || type == typeof(DateTimeOffset) || type.IsEnum => JsonObjectType.String,
            _ when type == typeof(bool) => JsonObjectType.Boolean,
            _ when type == typeof(int) || type == typeof(long) => JsonObjectType.Integer,
            _ when info.Kind == JsonTypeInfoKind.Enumerable => JsonObjectType.Array,
            _ => JsonObjectType.Object,
        };
        Assert.Equal(expected, schema.Type & ~JsonObjectType.Null);
        Assert.Equal(type == typeof(Guid) ? "uuid" : type == typeof(DateTimeOffset) ? "date-time" : null, schema.Format);
        if (type.IsEnum)
        {
            Assert.Equal(Enum.GetNames(type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName).Order(), schema.Enumeration.Cast<string>().Order());
        }

        if (info.Kind == JsonTypeInfoKind.Object && info.Type != typeof(JsonObject))
        {
            Same(info, schema, path);
        }
        else if (info.Kind == JsonTypeInfoKind.Enumerable && property.Options.GetTypeInfo(info.ElementType!) is { Kind: JsonTypeInfoKind.Object } element)
        {
            Same(element, schema.Item!.ActualSchema, path);
        }
    }
}
