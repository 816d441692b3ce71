using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace TodoFlow.Domain.Calendar;

/// <summary>The IANA time zones that this machine knows.</summary>
public static partial class ZoneIds
{
    // .NET finds a zone in any case once it has read it, and not before: the names are the files' own, whatever was read.
    private static readonly Lazy<Dictionary<string, string>> Canonical = new(ReadNames);

    /// <summary>
    /// Finds a zone by its IANA id in any case, such as <c>Europe/Berlin</c>; nothing else is looked for, a path least of all. The zone's
    /// <see cref="TimeZoneInfo.Id"/> is the id in its canonical case. What lies beside the zones is none: <c>posixrules</c>,
    /// <c>localtime</c>, <c>Factory</c> and the trees <c>posix/</c> and <c>right/</c>, which count leap seconds.
    /// </summary>
    public static bool TryFind(string id, [NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        zone = null;
        return id.Length <= 64 && Iana().IsMatch(id) && TryCanonical(id, out var name)
            && TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone);
    }

    // Without files (Windows, or a machine that has its zones elsewhere), the platform knows.
    private static bool TryCanonical(string id, [NotNullWhen(true)] out string? name) =>
        Canonical.Value.TryGetValue(id, out name) || (Canonical.Value.Count == 0 && !IsNoZone(id) && (name = id) is not null);

    private static Dictionary<string, string> ReadNames()
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var root = Environment.GetEnvironmentVariable("TZDIR") is { Length: > 0 } set ? set : "/usr/share/zoneinfo";
        if (Directory.Exists(root))
        {
            foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
            {
                var name = Path.GetRelativePath(root, file).Replace('\\', '/');
                if (Iana().IsMatch(name) && !IsNoZone(name))
                {
                    names.TryAdd(name, name);
                }
            }
        }

        return names;
    }

    private static bool IsNoZone(string name) =>
        name.Split('/')[0].ToUpperInvariant() is "POSIX" or "RIGHT" or "POSIXRULES" or "LOCALTIME" or "FACTORY" or "LEAPSECONDS";

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*){0,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Iana();
}
