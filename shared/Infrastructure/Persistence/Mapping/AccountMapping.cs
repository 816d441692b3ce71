using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TodoFlow.Domain.Accounts;

namespace TodoFlow.Infrastructure.Persistence.Mapping;

/// <summary>How users are stored.</summary>
public sealed class UserConfiguration : IEntityTypeConfiguration<User>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.ToTable("app_user"); // "user" is a reserved word in SQL
        builder.HasKey(user => user.Id);
        builder.Property(user => user.Id).ValueGeneratedNever();
        builder.HasIndex(user => user.NormalizedEmail).IsUnique();
    }
}

/// <summary>How refresh tokens are stored.</summary>
public sealed class RefreshTokenConfiguration : IEntityTypeConfiguration<RefreshToken>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<RefreshToken> builder)
    {
        builder.ToTable("refresh_token");
        builder.HasKey(token => token.Digest);
        builder.Property(token => token.Digest).ValueGeneratedNever();
        builder.HasOne<User>().WithMany().HasForeignKey(token => token.UserId).HasConstraintName("fk_refresh_token_user_id").OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(token => token.FamilyId);
        builder.HasIndex(token => token.UserId);
        builder.HasIndex(token => token.ExpiresAt);
    }
}
