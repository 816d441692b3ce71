using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TodoFlow.Domain.Accounts;

namespace TodoFlow.Infrastructure.Persistence.Mapping;

/// <summary>How answers are stored.</summary>
public sealed class IdempotentResponseConfiguration : IEntityTypeConfiguration<IdempotentResponse>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<IdempotentResponse> builder)
    {
        builder.ToTable("idempotent_response");
        builder.HasKey(answer => new { answer.Scope, answer.Key });
        builder.Property(answer => answer.Headers).HasColumnType("jsonb");
        builder.HasIndex(answer => answer.CreatedAt);
        builder.HasIndex(answer => answer.UserId);
        builder.HasOne<User>().WithMany().HasForeignKey(answer => answer.UserId).HasConstraintName("fk_idempotent_response_user_id").OnDelete(DeleteBehavior.Cascade);
    }
}
