using TodoFlow.Domain.Accounts;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>A user, as they see themselves.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="Email">The address; null where an external issuer named none.</param>
/// <param name="EmailVerified">Whether mail to the address is known to reach the user. Before that no reminder is mailed.</param>
/// <param name="TimeZone">The IANA zone of the user's days.</param>
/// <param name="CreatedAt">When the account was made.</param>
public sealed record MeResponse(Guid Id, string? Email, bool EmailVerified, string TimeZone, DateTimeOffset CreatedAt)
{
    /// <summary>What is shown of a user.</summary>
    public static MeResponse From(User user) => new(user.Id, user.Email.Length == 0 ? null : user.Email, user.EmailVerifiedAt is not null, user.TimeZone, user.CreatedAt);
}
