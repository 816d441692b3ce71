using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TodoFlow.Domain.Accounts;

namespace TodoFlow.Infrastructure.Persistence.Mapping;

/// <summary>How answers are stored.</summary>
public sealed class IdempotentAnswerConfiguration : IEntityTypeConfiguration<IdempotentAnswer>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<IdempotentAnswer> builder)
    {
        builder.ToTable("idempotent_answer");
        builder.HasKey(answer => new { answer.Scope, answer.Key });
        builder.Property(answer => answer.Headers).HasColumnType("jsonb");
        builder.HasIndex(answer => answer.CreatedAt);
        builder.HasIndex(answer => answer.UserId);
        builder.HasOne<User>().WithMany().HasForeignKey(answer => answer.UserId).HasConstraintName("fk_idempotent_answer_user_id").OnDelete(DeleteBehavior.Cascade);
    }
}
