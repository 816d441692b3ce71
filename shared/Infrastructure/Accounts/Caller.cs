using System.Diagnostics.CodeAnalysis;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>Who sent the request: filled by the middleware from the token, one per invocation.</summary>
public sealed class Caller
{
    private Guid? _userId;

    /// <summary>The user. Throws where no token was needed or checked.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in.</exception>
    public Guid UserId => _userId ?? throw new InvalidOperationException("No caller is signed in.");

    /// <summary>The IANA zone of the user's days.</summary>
    public string TimeZone { get; private set; } = "UTC";

    /// <summary>Whether a token was checked.</summary>
    [MemberNotNullWhen(true, nameof(_userId))]
    public bool IsSignedIn => _userId is not null;

    /// <summary>Takes over what a valid token says.</summary>
    public void SignIn(Guid user, string? timeZone)
    {
        _userId = user;
        TimeZone = timeZone ?? TimeZone;
    }
}
