using System.Globalization;

namespace TodoFlow.Domain.Recurrence;

/// <summary>The parts of a written RRULE, and the first thing that is wrong with them.</summary>
internal sealed class RuleParts
{
    private static readonly string[] Names =
    [
        "FREQ", "UNTIL", "COUNT", "INTERVAL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO",
        "BYMONTH", "BYSETPOS", "WKST",
    ];

    // In the order of DayOfWeek.
    private static readonly string[] Weekdays = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

    private readonly Dictionary<string, string> _values = [];

    public RuleParts(string text)
    {
        foreach (var part in text.Split(';'))
        {
            var separator = part.IndexOf('=', StringComparison.Ordinal);
            var name = (separator < 0 ? part : part[..separator]).ToUpperInvariant();
            if (separator < 0)
            {
                Error ??= $"'{part}': must be none, daily, weekdays, weekly, monthly, yearly or parts such as FREQ=DAILY;INTERVAL=2";
            }
            else if (!Names.Contains(name))
            {
                Error ??= $"{part}: {name} is no part of a recurrence rule";
            }
            else if (!_values.TryAdd(name, part[(separator + 1)..].ToUpperInvariant()))
            {
                Error ??= $"{part}: {name} is given twice";
            }
        }

        if (!_values.ContainsKey("FREQ"))
        {
            Error ??= "FREQ: is missing";
        }
    }

    /// <summary>The first error, beginning with the part; null while all is well.</summary>
    public string? Error { get; private set; }

    public Frequency Frequency()
    {
        for (var frequency = Recurrence.Frequency.Secondly; frequency <= Recurrence.Frequency.Yearly; frequency++)
        {
            if (_values["FREQ"].Equals(frequency.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return frequency;
            }
        }

        Fail("FREQ", _values["FREQ"], "must be SECONDLY, MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY");
        return default;
    }

    public int? Number(string name)
    {
        if (!_values.TryGetValue(name, out var value))
        {
            return null;
        }

        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
        {
            return number;
        }

        Fail(name, value, $"must be a whole number from 1 to {int.MaxValue}");
        return null;
    }

    /// <summary>A list of numbers; one that may be negative may not be 0.</summary>
    public IReadOnlyList<int> Numbers(string name, int min, int max)
    {
        var numbers = new SortedSet<int>();
        foreach (var item in Items(name))
        {
            var style = min < 0 ? NumberStyles.AllowLeadingSign : NumberStyles.None;
            if (!int.TryParse(item, style, CultureInfo.InvariantCulture, out var number) || number < min || number > max || (min < 0 && number == 0))
            {
                Fail(name, item, $"must be between {min} and {max}{(min < 0 ? ", not 0" : "")}");
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    public IReadOnlyList<OrdinalDay> Days()
    {
        var days = new List<OrdinalDay>();
        foreach (var item in Items("BYDAY"))
        {
            var day = Array.IndexOf(Weekdays, item.Length < 2 ? item : item[^2..]);
            var ordinal = 0;
            if (day < 0)
            {
                Fail("BYDAY", item, "must be MO, TU, WE, TH, FR, SA or SU, perhaps with a number before it as in 2MO or -1FR");
            }
            else if (item.Length > 2 && (!int.TryParse(item[..^2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out ordinal)
                || ordinal is 0 or < -53 or > 53))
            {
                Fail("BYDAY", item, "the number must be between -53 and 53, not 0");
            }

            days.Add(new OrdinalDay(ordinal, (DayOfWeek)day));
        }

        return days;
    }

    public DayOfWeek WeekStart()
    {
        var day = _values.TryGetValue("WKST", out var value) ? Array.IndexOf(Weekdays, value) : (int)DayOfWeek.Monday;
        if (day < 0)
        {
            Fail("WKST", value!, "must be MO, TU, WE, TH, FR, SA or SU");
        }

        return (DayOfWeek)day;
    }

    public RecurrenceTime? Until()
    {
        if (!_values.TryGetValue("UNTIL", out var value))
        {
            return null;
        }

        if (RecurrenceTime.TryParse(value, out var until))
        {
            return until;
        }

        Fail("UNTIL", value, "must be a date (20261231), a local time (20261231T090000) or a time in UTC (20261231T090000Z)");
        return null;
    }

    /// <summary>Records an error if the part is there and <paramref name="wrong"/>.</summary>
    public void Reject(string name, bool wrong, string message)
    {
        if (wrong && _values.TryGetValue(name, out var value))
        {
            Fail(name, value, message);
        }
    }

    public bool HasOtherBy(string name) => _values.Keys.Any(key => key != name && key.StartsWith("BY", StringComparison.Ordinal));

    private string[] Items(string name) => _values.TryGetValue(name, out var value) ? value.Split(',') : [];

    private void Fail(string name, string value, string message) => Error ??= $"{name}={value}: {message}";
}
