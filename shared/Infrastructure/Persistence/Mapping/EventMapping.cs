using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Audit;
using TodoFlow.Messaging.Consumers;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Persistence.Mapping;

/// <summary>How the outbox is stored.</summary>
public sealed class OutboxEventConfiguration : IEntityTypeConfiguration<OutboxEvent>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<OutboxEvent> builder)
    {
        builder.ToTable(OutboxEvent.Table);
        builder.HasKey(row => row.EventId);
        builder.Property(row => row.EventId).ValueGeneratedNever();
        builder.Property(row => row.Headers).HasColumnType("jsonb");

        // The relay's own columns: neither sent nor read back by whoever raises an event.
        foreach (var column in new[] { nameof(OutboxEvent.Position), nameof(OutboxEvent.PublishedAt), nameof(OutboxEvent.Sequence) })
        {
            var property = builder.Property(column).Metadata;
            property.ValueGenerated = ValueGenerated.Never;
            property.SetBeforeSaveBehavior(PropertySaveBehavior.Ignore);
            property.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        }
    }
}

/// <summary>How the inbox is stored.</summary>
public sealed class InboxEntryConfiguration : IEntityTypeConfiguration<InboxEntry>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<InboxEntry> builder)
    {
        builder.ToTable("inbox");
        builder.HasKey(entry => new { entry.EventId, entry.GroupName });
    }
}

/// <summary>How cursors are stored.</summary>
public sealed class ConsumerCursorConfiguration : IEntityTypeConfiguration<ConsumerCursor>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<ConsumerCursor> builder)
    {
        builder.ToTable("consumer_cursor");
        builder.HasKey(cursor => new { cursor.GroupName, cursor.Topic, cursor.Shard });
    }
}

/// <summary>How dead letters are stored.</summary>
public sealed class DeadLetterConfiguration : IEntityTypeConfiguration<DeadLetter>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<DeadLetter> builder)
    {
        builder.ToTable("dead_letter");
        builder.HasKey(letter => letter.Id);
        builder.Property(letter => letter.Id).ValueGeneratedNever();
        builder.Property(letter => letter.Headers).HasColumnType("json");
    }
}

/// <summary>How the audit trail is stored.</summary>
public sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.ToTable("audit_entry");
        builder.HasKey(entry => entry.EventId);
        builder.Property(entry => entry.EventId).ValueGeneratedNever();
        builder.Property(entry => entry.Changes).HasColumnType("jsonb");
        builder.Property(entry => entry.Conflict).HasColumnType("jsonb");
        builder.HasOne<User>().WithMany().HasForeignKey(entry => entry.UserId).HasConstraintName("fk_audit_entry_user_id").OnDelete(DeleteBehavior.Cascade);
    }
}
