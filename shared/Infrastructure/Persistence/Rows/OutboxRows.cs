using NpgsqlTypes;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Persistence.Rows;

/// <summary>How events are added to the outbox.</summary>
internal static class OutboxRows
{
    /// <summary>How new events are added, in the order in which they were raised: each draws its position as it is written.</summary>
    public static RowInsert<OutboxEvent> Insert { get; } = new(
        OutboxEvent.Table,
        InsertColumn<OutboxEvent>.Of("event_id", NpgsqlDbType.Uuid, row => row.EventId),
        InsertColumn<OutboxEvent>.Of("topic", NpgsqlDbType.Text, row => row.Topic),
        InsertColumn<OutboxEvent>.Of("key", NpgsqlDbType.Text, row => row.Key),
        InsertColumn<OutboxEvent>.Of("shard", NpgsqlDbType.Smallint, row => row.Shard),
        InsertColumn<OutboxEvent>.Of("payload", NpgsqlDbType.Bytea, row => row.Payload),
        InsertColumn<OutboxEvent>.Of("headers", NpgsqlDbType.Jsonb, row => row.Headers),
        InsertColumn<OutboxEvent>.Of("created_at", NpgsqlDbType.TimestampTz, row => row.CreatedAt));
}
