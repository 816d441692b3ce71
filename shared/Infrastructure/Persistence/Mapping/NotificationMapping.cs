using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Notifications;

namespace TodoFlow.Infrastructure.Persistence.Mapping;

/// <summary>How notifications are stored.</summary>
public sealed class NotificationConfiguration : IEntityTypeConfiguration<Notification>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<Notification> builder)
    {
        builder.ToTable("notification");
        builder.HasKey(notification => notification.Id);
        builder.Property(notification => notification.Id).ValueGeneratedNever();
        builder.HasOne<User>().WithMany().HasForeignKey(notification => notification.UserId).HasConstraintName("fk_notification_user_id").OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>How deliveries are stored.</summary>
public sealed class DeliveryConfiguration : IEntityTypeConfiguration<Delivery>, IEntityTypeConfiguration<DeliveryAttempt>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<Delivery> builder)
    {
        builder.ToTable("delivery");
        builder.HasKey(delivery => delivery.Id);
        builder.Property(delivery => delivery.Id).ValueGeneratedNever();
        builder.Property(delivery => delivery.Status).HasConversion<short>();
        builder.HasOne<Notification>().WithMany().HasForeignKey(delivery => delivery.NotificationId).HasConstraintName("fk_delivery_notification_id").OnDelete(DeleteBehavior.Cascade);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<DeliveryAttempt> builder)
    {
        builder.ToTable("delivery_attempt");
        builder.HasKey(attempt => new { attempt.DeliveryId, attempt.Number });
        builder.HasOne<Delivery>().WithMany().HasForeignKey(attempt => attempt.DeliveryId).HasConstraintName("fk_delivery_attempt_delivery_id").OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>How preferences are stored.</summary>
public sealed class NotificationPreferenceConfiguration : IEntityTypeConfiguration<NotificationPreference>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<NotificationPreference> builder)
    {
        builder.ToTable("notification_preference");
        builder.HasKey(preference => preference.UserId);
        builder.Property(preference => preference.UserId).ValueGeneratedNever();
        builder.HasOne<User>().WithOne().HasForeignKey<NotificationPreference>(preference => preference.UserId).HasConstraintName("fk_notification_preference_user_id").OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>How subscriptions are stored.</summary>
public sealed class PushSubscriptionConfiguration : IEntityTypeConfiguration<PushSubscription>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<PushSubscription> builder)
    {
        builder.ToTable("push_subscription");
        builder.HasKey(subscription => subscription.Id);
        builder.Property(subscription => subscription.Id).ValueGeneratedNever();
        builder.HasOne<User>().WithMany().HasForeignKey(subscription => subscription.UserId).HasConstraintName("fk_push_subscription_user_id").OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Session>().WithMany().HasForeignKey(subscription => subscription.SessionId).HasConstraintName("fk_push_subscription_session_id").OnDelete(DeleteBehavior.SetNull);
        builder.HasIndex(subscription => subscription.Endpoint).IsUnique();
        builder.HasIndex(subscription => new { subscription.UserId, subscription.RefreshedAt });
    }
}
