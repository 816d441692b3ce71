using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace TodoFlow.Domain.Accounts;

/// <summary>
/// An e-mail address as people have one: a dot-atom (RFC 5322 section 3.2.3, any letters per RFC 6531), <c>@</c> and a
/// domain with a dot. Quoted local parts, comments and address literals are none.
/// </summary>
public sealed partial record EmailAddress
{
    /// <summary>What is expected, after "must be".</summary>
    public const string Expected = "an e-mail address such as ada@example.com, of at most 254 characters";

    // RFC 5321 section 4.5.3.1: a path of 256 with its angle brackets, a local part of 64.
    private const int Longest = 254;
    private const int LongestLocalPart = 64;
    private const string Atom = @"[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+";
    private const string Label = @"[\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?";

    private EmailAddress(string address) => Address = address;

    /// <summary>The address as it was given, without white space around it.</summary>
    public string Address { get; }

    /// <summary>In lower case: two addresses that differ in case only are one account.</summary>
    public string Normalized => Address.ToLowerInvariant();

    /// <summary>Reads an address.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? address)
    {
        var trimmed = text?.Trim() ?? "";
        address = trimmed.Length <= Longest && trimmed.IndexOf('@') <= LongestLocalPart && Pattern().IsMatch(trimmed) ? new(trimmed) : null;
        return address is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => "an e-mail address"; // so that no log holds it by accident

    [GeneratedRegex($@"^{Atom}(\.{Atom})*@{Label}(\.{Label})+\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
