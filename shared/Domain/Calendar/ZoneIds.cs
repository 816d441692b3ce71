using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace TodoFlow.Domain.Calendar;

/// <summary>The IANA time zones that this machine knows.</summary>
public static partial class ZoneIds
{
    /// <summary>Finds a zone by its IANA id, such as <c>Europe/Berlin</c>; nothing else is looked for, a path least of all.</summary>
    public static bool TryFind(string id, [NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        zone = null;
        return id.Length <= 64 && Iana().IsMatch(id) && TimeZoneInfo.TryFindSystemTimeZoneById(id, out zone);
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*){0,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Iana();
}
