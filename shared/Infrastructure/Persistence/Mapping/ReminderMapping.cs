using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Reminders;

namespace TodoFlow.Infrastructure.Persistence.Mapping;

/// <summary>How reminders are stored.</summary>
public sealed class ReminderConfiguration : IEntityTypeConfiguration<Reminder>, IEntityTypeConfiguration<ReminderStep>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<Reminder> builder)
    {
        builder.ToTable("reminder");
        builder.HasKey(reminder => reminder.Id);
        builder.Property(reminder => reminder.Id).ValueGeneratedNever();
        builder.Property(reminder => reminder.Status).HasConversion<short>();
        builder.HasOne<User>().WithMany().HasForeignKey(reminder => reminder.UserId).HasConstraintName("fk_reminder_user_id").OnDelete(DeleteBehavior.Cascade);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<ReminderStep> builder)
    {
        builder.ToTable("reminder_step");
        builder.HasKey(step => step.Id);
        builder.Property(step => step.Id).ValueGeneratedNever();
        builder.HasOne<Reminder>().WithMany().HasForeignKey(step => step.ReminderId).HasConstraintName("fk_reminder_step_reminder_id").OnDelete(DeleteBehavior.Cascade);
    }
}
