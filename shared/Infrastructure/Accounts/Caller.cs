using System.Diagnostics.CodeAnalysis;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>Who sent the request: filled by the middleware, one per invocation.</summary>
public sealed class Caller
{
    private AccessTokenSubject? _subject;

    /// <summary>The user. Throws where no token was needed or checked.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in.</exception>
    public Guid UserId => Subject.UserId;

    /// <summary>Whom the token speaks for. Throws where no token was needed or checked.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in.</exception>
    public AccessTokenSubject Subject => _subject ?? throw new InvalidOperationException("No caller is signed in.");

    /// <summary>The IANA zone of the user's days.</summary>
    public string TimeZone { get; private set; } = "UTC";

    /// <summary>The address of the client as sign-ins are counted by it; null where the function is not counted so.</summary>
    public string? Address { get; set; }

    /// <summary>Whether a token was checked.</summary>
    [MemberNotNullWhen(true, nameof(_subject))]
    public bool IsSignedIn => _subject is not null;

    /// <summary>Takes over what a valid token says.</summary>
    public void SignIn(AccessTokenSubject subject)
    {
        _subject = subject;
        TimeZone = subject.TimeZone ?? TimeZone;
    }

    /// <summary>Acts for a user whose token is none of the API's.</summary>
    public void SignIn(Guid user, string? timeZone) => SignIn(new AccessTokenSubject(user, timeZone));
}
