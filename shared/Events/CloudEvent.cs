using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using TodoFlow.Json;
using TodoFlow.Tasks;

namespace TodoFlow.Events;

/// <summary>Writes facts as CloudEvents 1.0 in structured JSON, the form in which they wait in the outbox and travel.</summary>
public static class CloudEvent
{
    /// <summary>Who announces: the <c>source</c> of every event.</summary>
    public const string Source = "/todoflow";

    private const string SchemaVersion = "1.0";

    /// <summary>The events of a fact: the full one for consumers and the small one for devices.</summary>
    /// <param name="fact">The fact, about a task in its final state.</param>
    /// <param name="correlationId">The request that caused it.</param>
    public static IEnumerable<OutboxEvent> From(TaskEvent fact, string correlationId)
    {
        var task = TaskResponse.From(fact.Task);
        var data = new TaskEventData
        {
            SchemaVersion = SchemaVersion,
            TaskId = task.Id,
            UserId = task.UserId,
            TaskData = task,
            ParentTaskId = task.ParentTaskId,
            Changes = fact.Changes.Count == 0 ? null : fact.Changes,
            Conflict = fact.Conflict,
        };
        yield return Row(Topics.TaskEvents, fact.Type, task, correlationId, data, TodoFlowJson.Default.TaskEventData);

        var update = new TaskChangeData
        {
            SchemaVersion = SchemaVersion,
            TaskId = task.Id,
            UserId = task.UserId,
            Change = fact.Change,
            Version = task.Version,
            Fields = Fields(fact, task),
        };
        yield return Row(Topics.TaskUpdates, "task.changed.v1", task, correlationId, update, TodoFlowJson.Default.TaskChangeData);
    }

    private static JsonObject Fields(TaskEvent fact, TaskResponse task) => fact switch
    {
        TaskCreated => JsonSerializer.SerializeToNode(task, TodoFlowJson.Default.TaskResponse)!.AsObject(),
        _ => new JsonObject(fact.Changes.Select(change => KeyValuePair.Create(change.Field, change.New?.DeepClone()))),
    };

    private static OutboxEvent Row<T>(string topic, string type, TaskResponse task, string correlationId, T data, JsonTypeInfo<T> shape)
    {
        var id = Guid.CreateVersion7(task.UpdatedAt);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion", "1.0");
            writer.WriteString("id", id);
            writer.WriteString("source", Source);
            writer.WriteString("type", type);
            writer.WriteString("subject", task.Id);
            writer.WriteString("time", task.UpdatedAt.UtcDateTime);
            writer.WriteString("datacontenttype", "application/json");
            writer.WriteString("dataschema", $"{Source}/schemas/{type}.json");
            writer.WriteString("correlationid", correlationId);
            if (Activity.Current?.Id is { } traceParent)
            {
                writer.WriteString("traceparent", traceParent);
            }

            writer.WriteString("userid", task.UserId);
            writer.WritePropertyName("data");
            JsonSerializer.Serialize(writer, data, shape);
            writer.WriteEndObject();
        }

        return new OutboxEvent
        {
            EventId = id,
            Topic = topic,
            Key = task.Id.ToString(),
            Lane = Lanes.Of(task.Id),
            Payload = Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)),
            CreatedAt = task.UpdatedAt,
        };
    }
}

/// <summary>Spreads keys over lanes: order holds within one, and one relay works on each at a time.</summary>
public static class Lanes
{
    /// <summary>How many lanes there are. Changing it reorders what is still in the outbox.</summary>
    public const short Count = 8;

    /// <summary>The lane of a task's events.</summary>
    public static short Of(Guid taskId)
    {
        Span<byte> bytes = stackalloc byte[16];
        taskId.TryWriteBytes(bytes, bigEndian: true, out _);
        return (short)(bytes[15] % Count); // a UUID's last bytes are random in versions 4, 5 and 7
    }
}
