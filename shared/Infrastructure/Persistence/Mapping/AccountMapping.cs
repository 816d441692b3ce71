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
        builder.HasOne<Session>().WithMany().HasForeignKey(token => token.FamilyId).HasConstraintName("fk_refresh_token_family_id").OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(token => token.FamilyId);
        builder.HasIndex(token => token.UserId);
        builder.HasIndex(token => token.ExpiresAt);
    }
}

/// <summary>How sessions are stored.</summary>
public sealed class SessionConfiguration : IEntityTypeConfiguration<Session>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<Session> builder)
    {
        builder.ToTable("session");
        builder.HasKey(session => session.Id);
        builder.Property(session => session.Id).ValueGeneratedNever();
        builder.HasOne<User>().WithMany().HasForeignKey(session => session.UserId).HasConstraintName("fk_session_user_id").OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>How mails about accounts, and what slows guesses down, are stored.</summary>
public sealed class AccountMailConfiguration
    : IEntityTypeConfiguration<AccountMail>, IEntityTypeConfiguration<MailToken>, IEntityTypeConfiguration<MailCount>, IEntityTypeConfiguration<SignInAttempt>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<AccountMail> builder)
    {
        builder.ToTable("account_mail");
        builder.HasKey(mail => mail.Id);
        builder.Property(mail => mail.Id).ValueGeneratedNever();
        builder.HasOne<User>().WithMany().HasForeignKey(mail => mail.UserId).HasConstraintName("fk_account_mail_user_id").OnDelete(DeleteBehavior.Cascade);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<MailToken> builder)
    {
        builder.ToTable("mail_token");
        builder.HasKey(token => token.Digest);
        builder.Property(token => token.Digest).ValueGeneratedNever();
        builder.HasOne<User>().WithMany().HasForeignKey(token => token.UserId).HasConstraintName("fk_mail_token_user_id").OnDelete(DeleteBehavior.Cascade);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<MailCount> builder)
    {
        builder.ToTable("mail_count");
        builder.HasKey(count => new { count.Recipient, count.Hour });
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<SignInAttempt> builder)
    {
        builder.ToTable("sign_in_attempt");
        builder.HasKey(attempt => attempt.Account);
        builder.Property(attempt => attempt.Account).ValueGeneratedNever();
    }
}
