using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Infrastructure.Persistence.Mapping;

/// <summary>How a task is stored.</summary>
public sealed class TaskItemConfiguration : IEntityTypeConfiguration<TaskItem>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<TaskItem> builder)
    {
        builder.ToTable("task_item");
        builder.HasKey(task => task.Id);
        builder.Property(task => task.Id).ValueGeneratedNever();
        builder.HasOne<User>().WithMany().HasForeignKey(task => task.UserId).HasConstraintName("fk_task_item_user_id").OnDelete(DeleteBehavior.Cascade);
        builder.Property(task => task.Status).HasConversion<short>();
        builder.Property(task => task.Priority).HasConversion<short>();
        builder.Property(task => task.RecurrenceBasis).HasConversion<short>();
        builder.Property(task => task.DueDate).HasConversion(due => due!.Text, text => DueDate.Parse(text));
        builder.Property(task => task.RecurrenceAnchor).HasConversion(wall => wall!.Value.ToString(), text => (WallTime?)WallTime.Parse(text));
        builder.Property(task => task.Scheduled).HasConversion(wall => wall!.Value.ToString(), text => (WallTime?)WallTime.Parse(text));
        builder.Property(task => task.FieldVersions).HasColumnType("jsonb");
    }
}
