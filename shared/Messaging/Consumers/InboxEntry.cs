using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Messaging.Consumers;

/// <summary>An event that a consumer group has handled.</summary>
public sealed class InboxEntry
{
    /// <summary>The event.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The consumer group.</summary>
    public required string GroupName { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset ConsumedAt { get; init; }
}

/// <summary>How far a consumer group has read one shard of a topic, where PostgreSQL is the transport.</summary>
public sealed class ConsumerCursor
{
    /// <summary>The consumer group.</summary>
    public required string GroupName { get; init; }

    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>The shard.</summary>
    public required short Shard { get; init; }

    /// <summary>The <see cref="OutboxEvent.Sequence"/> of the last row that is dealt with; 0 before the first.</summary>
    public required long Sequence { get; set; }
}
