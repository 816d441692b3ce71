using System.Collections.Frozen;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>The passwords that are tried first: those that people chose most often, and what the account itself tells.</summary>
internal static class CommonPasswords
{
    private static readonly Lazy<FrozenSet<string>> Listed = new(Read);

    /// <summary>Whether a password is one of them, in upper or lower case.</summary>
    /// <param name="password">The password.</param>
    /// <param name="email">The address of the account.</param>
    public static bool Contain(string password, string email)
    {
        var (lower, address) = (password.ToLowerInvariant(), email.ToLowerInvariant());
        return Listed.Value.Contains(lower) || lower == address || lower == address.Split('@')[0];
    }

    // Comments, then one password a line.
    private static FrozenSet<string> Read()
    {
        using var list = new StreamReader(typeof(CommonPasswords).Assembly.GetManifestResourceStream("CommonPasswords.txt")!);
        return list.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToFrozenSet(StringComparer.Ordinal);
    }
}
