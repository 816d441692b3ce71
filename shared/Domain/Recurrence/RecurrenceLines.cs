using System.Text.RegularExpressions;
using TodoFlow.Domain.Calendar;

namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// The lines of a recurrence as calendars export it (RFC 5545 section 3.1): the rule, and perhaps DTSTART and EXDATE, each of a line or
/// several that are folded. What else there may be cannot be kept.
/// </summary>
internal sealed partial class RecurrenceLines
{
    private readonly List<RecurrenceTime> _excluded = [];
    private bool _hasRule;

    public RecurrenceLines(string text)
    {
        if (text.Length > RecurrenceRule.MaxLength)
        {
            Error = $"must be at most {RecurrenceRule.MaxLength} characters long";
            return;
        }

        var lines = Folding().Replace(text.Trim(), "").Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var line in lines.Length == 0 ? [""] : lines)
        {
            Read(line);
        }

        if (Rule.Length > RecurrenceRule.MaxRuleLength)
        {
            Error ??= $"must be at most {RecurrenceRule.MaxRuleLength} characters long";
        }

        if (!_hasRule)
        {
            Error ??= "RRULE: is missing";
        }

        Excluded = _excluded.Count == 0 ? Exclusions.None : new(_excluded);
    }

    /// <summary>The first error, beginning with what it is about; null while all is well.</summary>
    public string? Error { get; private set; }

    /// <summary>The rule, without semicolons at its end.</summary>
    public string Rule { get; private set; } = "";

    /// <summary>DTSTART.</summary>
    public RecurrenceTime? Start { get; private set; }

    /// <summary>The zone of DTSTART, by its IANA id.</summary>
    public string? StartZone { get; private set; }

    /// <summary>EXDATE.</summary>
    public Exclusions Excluded { get; } = Exclusions.None;

    private void Read(string line)
    {
        var property = Property().Match(line);
        var name = property.Success ? property.Groups["name"].Value.ToUpperInvariant() : "RRULE";
        switch (name)
        {
            case "RRULE" when property.Groups["parameter"].Success:
                Error ??= $"{line}: RRULE has no parameters that can be kept";
                break;
            case "RRULE" when _hasRule:
                Error ??= $"{line}: a rule is given twice";
                break;
            case "RRULE":
                (_hasRule, Rule) = (true, line.TrimEnd(';', ' '));
                break;
            case "DTSTART" when Start is not null:
                Error ??= $"{line}: DTSTART is given twice";
                break;
            case "DTSTART":
                ReadTimes(name, property, (time, zone) => (Start, StartZone) = (time, zone), isList: false);
                break;
            case "EXDATE":
                ReadTimes(name, property, (time, zone) => _excluded.Add(zone is null ? time : InUtc(time, zone)), isList: true);
                break;
            default:
                Error ??= $"{line}: {name} cannot be kept, only RRULE, DTSTART and EXDATE";
                break;
        }
    }

    private void ReadTimes(string name, Match property, Action<RecurrenceTime, string?> take, bool isList)
    {
        string? zone = null;
        foreach (Capture parameter in property.Groups["parameter"].Captures)
        {
            var (key, value) = parameter.Value.Split('=', 2) is [var before, var after] ? (before.ToUpperInvariant(), after.Trim('"')) : (parameter.Value, "");
            if (key == "TZID" && ZoneIds.TryFind(value, out var found))
            {
                zone = found.Id;
            }
            else if (key == "TZID")
            {
                Error ??= $"{name};{parameter.Value}: is no IANA time zone such as Europe/Berlin";
            }
            else if (key != "VALUE" || value.ToUpperInvariant() is not ("DATE" or "DATE-TIME"))
            {
                Error ??= $"{name};{parameter.Value}: cannot be kept";
            }
        }

        var values = property.Groups["value"].Value.ToUpperInvariant();
        foreach (var value in isList ? values.Split(',', StringSplitOptions.TrimEntries) : [values])
        {
            if (RecurrenceTime.TryParse(value, out var time) && time.Value.Year is 1 or 9999)
            {
                Error ??= $"{name}:{value}: must lie between the years 0002 and 9998";
            }
            else if (time == default)
            {
                Error ??= $"{name}:{value}: must be a date (20261231), a local time (20261231T090000) or a time in UTC (20261231T090000Z)";
            }
            else
            {
                take(time, time.IsDate || time.IsUtc ? null : zone);
            }
        }
    }

    private static RecurrenceTime InUtc(RecurrenceTime local, string zone) =>
        new(new ZoneClock(TimeZoneInfo.FindSystemTimeZoneById(zone)).Resolve(local.Value).Instant.UtcDateTime, IsDate: false, IsUtc: true);

    // A line goes on where the next one begins with a space.
    [GeneratedRegex("\r?\n[ \t]", RegexOptions.CultureInvariant)]
    private static partial Regex Folding();

    [GeneratedRegex("""^(?<name>[A-Za-z-]+)(;(?<parameter>[^=:;"]+=("[^"]*"|[^";:]*)))*:(?<value>.*)\z""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Property();
}
