using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace TodoFlow.Events;

/// <summary>An event that was written in the transaction of its cause and is on its way to consumers.</summary>
public sealed class OutboxEvent
{
    /// <summary>Its place in the table; gaps and reordering between transactions are normal.</summary>
    public long Position { get; private set; }

    /// <summary>The event's id, UUIDv7: what consumers know a repeat by.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The topic, before any renaming by settings.</summary>
    public required string Topic { get; init; }

    /// <summary>What order is kept by: the task's id.</summary>
    public required string Key { get; init; }

    /// <summary>The lane that the key falls in, from 0; one relay works on a lane at a time.</summary>
    public required short Lane { get; init; }

    /// <summary>The CloudEvents 1.0 envelope, structured JSON.</summary>
    public required string Payload { get; init; }

    /// <summary>When it was announced, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the broker confirmed it, UTC; null until then.</summary>
    public DateTimeOffset? PublishedAt { get; private set; }
}

/// <summary>How the outbox is stored.</summary>
public sealed class OutboxEventConfiguration : IEntityTypeConfiguration<OutboxEvent>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<OutboxEvent> builder)
    {
        builder.ToTable("outbox");
        builder.HasKey(row => row.Position);
        builder.Property(row => row.Position).UseIdentityAlwaysColumn();
        builder.Property(row => row.Payload).HasColumnType("json");
    }
}
