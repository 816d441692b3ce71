using ADRaffy.ENSNormalize;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>Hashes and checks passwords with ASP.NET Core Identity's hasher.</summary>
public sealed class Passwords
{
    /// <summary>The shortest and the longest password, in characters.</summary>
    public const int Shortest = 10, Longest = 200;

    private readonly IPasswordHasher<User> _hasher;
    private readonly string _nobodys;

    /// <param name="hasher">What hashes.</param>
    public Passwords(IPasswordHasher<User> hasher)
    {
        _hasher = hasher;
        _nobodys = Hash(Guid.NewGuid().ToString());
    }

    /// <summary>Refuses a password that is among those that are tried first.</summary>
    /// <param name="password">The password.</param>
    /// <param name="email">The address of the account.</param>
    /// <param name="field">The field that it came in.</param>
    /// <exception cref="ProblemException">400.</exception>
    public static void RequireUncommon(string password, string email, string field = "password")
    {
        if (CommonPasswords.Contain(password, email))
        {
            throw Problem.Invalid(field, "must not be one of the most common passwords, nor the e-mail address").AsException();
        }
    }

    /// <summary>The hash of a password, with a salt of its own.</summary>
    public string Hash(string password) => _hasher.HashPassword(null!, Normalize(password)); // the hasher does not look at the user

    /// <summary>
    /// Whether the password is the user's. Where there is no user, or one without a password, it is checked against a
    /// hash of nobody's all the same, so that the response takes as long.
    /// </summary>
    /// <remarks>Keyboards write one letter in several ways, so passwords are compared in NFC. Hashes from before that rule keep serving.</remarks>
    public PasswordVerificationResult Verify(User? user, string password)
    {
        var normalized = Normalize(password);
        var result = VerifyExactly(user, normalized);
        return result == PasswordVerificationResult.Failed && normalized != password && VerifyExactly(user, password) != PasswordVerificationResult.Failed
            ? PasswordVerificationResult.SuccessRehashNeeded
            : result;
    }

    private PasswordVerificationResult VerifyExactly(User? user, string password)
    {
        var known = user is { PasswordHash.Length: > 0 };
        var result = _hasher.VerifyHashedPassword(user!, known ? user!.PasswordHash : _nobodys, password);
        return known ? result : PasswordVerificationResult.Failed;
    }

    // Without ICU, which the application does not ask a machine for, .NET normalizes ASCII alone.
    private static string Normalize(string password) => ENSNormalize.NF.NFC(password);

    /// <summary>The hasher with the iterations of the settings.</summary>
    internal static PasswordHasher<User> CreateHasher(IOptions<AuthSettings> settings) =>
        new(Options.Create(new PasswordHasherOptions { IterationCount = settings.Value.PasswordIterations }));
}
