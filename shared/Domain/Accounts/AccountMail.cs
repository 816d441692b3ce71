namespace TodoFlow.Domain.Accounts;

/// <summary>What mails about an account, and links, are for.</summary>
public static class MailPurposes
{
    /// <summary>To prove that mail to the address reaches the user.</summary>
    public const string Verify = "verify";

    /// <summary>To choose a new password.</summary>
    public const string ResetPassword = "reset_password";

    /// <summary>To sign in, once. No mail has such a link: an operator's command makes it.</summary>
    public const string SignIn = "sign_in";
}

/// <summary>A mail about an account that is on its way. Its link is made when it is sent.</summary>
public sealed class AccountMail
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who gets it.</summary>
    public required Guid UserId { get; init; }

    /// <summary>What it is for (<see cref="MailPurposes"/>).</summary>
    public required string Purpose { get; init; }

    /// <summary>When it is to be sent, UTC. A try moves it on.</summary>
    public required DateTimeOffset DueAt { get; set; }

    /// <summary>How many tries were begun.</summary>
    public int Attempts { get; set; }
}

/// <summary>What the link in a mail about an account holds, or the link by which an operator lets somebody sign in.</summary>
public sealed class MailToken
{
    /// <summary>SHA-256 of the token; the token itself is not stored.</summary>
    public required byte[] Digest { get; init; }

    /// <summary>Whose account it is about.</summary>
    public required Guid UserId { get; init; }

    /// <summary>What it is for (<see cref="MailPurposes"/>).</summary>
    public required string Purpose { get; init; }

    /// <summary>The address that it was sent to, or that is signed in with.</summary>
    public required string Email { get; init; }

    /// <summary>When it stops serving, UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>How many mails were sent in an hour, to a user or to an address.</summary>
public sealed class MailCount
{
    /// <summary>SHA-256 of whom it counts.</summary>
    public required byte[] Recipient { get; init; }

    /// <summary>The beginning of the hour, UTC.</summary>
    public required DateTimeOffset Hour { get; init; }

    /// <summary>How many.</summary>
    public int Mails { get; set; }
}

/// <summary>How often a password was tried for an address, whether or not it has an account.</summary>
public sealed class SignInAttempt
{
    /// <summary>SHA-256 of the address.</summary>
    public required byte[] Account { get; init; }

    /// <summary>How many tries in a row did not succeed, those included that are under way.</summary>
    public int Attempts { get; set; }

    /// <summary>When the last one began, UTC.</summary>
    public DateTimeOffset LastAt { get; set; }

    /// <summary>Until when an unknown device may not try, UTC; null where it may.</summary>
    public DateTimeOffset? BlockedUntil { get; set; }
}
