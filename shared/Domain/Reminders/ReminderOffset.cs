using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace TodoFlow.Domain.Reminders;

/// <summary>
/// How long before its due date a task reminds: <c>15 minutes</c>, <c>1 day</c>, or an ISO 8601 duration of weeks, days, hours,
/// minutes and seconds (<c>PT15M</c>). Months and years have no fixed length and are no offset. A day is 24 hours.
/// </summary>
public static partial class ReminderOffset
{
    /// <summary>What <see cref="TryParse"/> expects, for messages.</summary>
    public const string Expected = "a time before the due date such as \"15 minutes\", \"1 day\" or PT15M, of at most 365 days";

    /// <summary>The longest offset.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(365);

    /// <summary>Reads an offset from 0 to 365 days.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out TimeSpan? offset)
    {
        offset = null;
        if (text is null || text.Length > 50)
        {
            return false;
        }

        var match = Words().Match(text) is { Success: true } words ? words : Iso().Match(text);
        if (!match.Success)
        {
            return false;
        }

        // Nine digits of each, the largest unit being a week: far from an overflow.
        var seconds = (Number(match, "w") * 7 + Number(match, "d")) * 86_400 + Number(match, "h") * 3_600 + Number(match, "m") * 60 + Number(match, "s");
        offset = seconds <= (long)Max.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
        return offset is not null;
    }

    private static long Number(Match match, string unit) =>
        match.Groups[unit] is { Success: true } group ? long.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(
        @"^((?<s>[0-9]{1,9}) seconds?|(?<m>[0-9]{1,9}) (minutes?|min)|(?<h>[0-9]{1,9}) hours?|(?<d>[0-9]{1,9}) days?|(?<w>[0-9]{1,9}) weeks?)\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Words();

    [GeneratedRegex(
        @"^P(?=[0-9T])((?<w>[0-9]{1,9})W)?((?<d>[0-9]{1,9})D)?(T(?=[0-9])((?<h>[0-9]{1,9})H)?((?<m>[0-9]{1,9})M)?((?<s>[0-9]{1,9})S)?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Iso();
}
