using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Accounts;

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

    /// <summary>The hash of a password, with a salt of its own.</summary>
    public string Hash(string password) => _hasher.HashPassword(null!, password); // the hasher does not look at the user

    /// <summary>
    /// Whether the password is the user's. Where there is no user, or one without a password, it is checked against a
    /// hash of nobody's all the same, so that the response takes as long.
    /// </summary>
    public PasswordVerificationResult Verify(User? user, string password)
    {
        var known = user is { PasswordHash.Length: > 0 };
        var result = _hasher.VerifyHashedPassword(user!, known ? user!.PasswordHash : _nobodys, password);
        return known ? result : PasswordVerificationResult.Failed;
    }

    /// <summary>The hasher with the iterations of the settings.</summary>
    internal static PasswordHasher<User> CreateHasher(IOptions<AuthSettings> settings) =>
        new(Options.Create(new PasswordHasherOptions { IterationCount = settings.Value.PasswordIterations }));
}
