using System.Diagnostics.CodeAnalysis;

namespace TodoFlow.Domain.Recurrence;

/// <summary>Reads aliases and the RECUR grammar of RFC 5545 section 3.3.10, with every "MUST NOT" of that section.</summary>
internal static class RecurrenceRuleParser
{
    private const string Prefix = "RRULE:";

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["daily"] = "FREQ=DAILY",
        ["weekdays"] = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        ["weekly"] = "FREQ=WEEKLY",
        ["monthly"] = "FREQ=MONTHLY",
        ["yearly"] = "FREQ=YEARLY",
    };

    public static bool TryParse(string? text, [NotNullWhen(true)] out RecurrenceRule? rule, [NotNullWhen(false)] out string? error)
    {
        rule = null;
        var lines = new RecurrenceLines(text ?? "");
        error = lines.Error;
        if (error is not null)
        {
            return false;
        }

        if (lines.Rule.Equals(RecurrenceRule.None.Text, StringComparison.OrdinalIgnoreCase))
        {
            rule = RecurrenceRule.None;
            return true;
        }

        var isAlias = Aliases.TryGetValue(lines.Rule, out var meaning);
        var parts = new RuleParts(meaning ?? (lines.Rule.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? lines.Rule[Prefix.Length..] : lines.Rule));
        var read = parts.Error is null ? Read(lines, parts, isAlias) : null;
        error = parts.Error;
        rule = error is null ? read : null;
        return rule is not null;
    }

    private static RecurrenceRule Read(RecurrenceLines lines, RuleParts parts, bool isAlias)
    {
        var rule = new RecurrenceRule((isAlias ? lines.Rule.ToLowerInvariant() : lines.Rule) + lines.Excluded)
        {
            Start = lines.Start,
            StartZone = lines.StartZone,
            Excluded = lines.Excluded,
            Clamps = isAlias,
            Frequency = parts.Frequency(),
            Interval = parts.Number("INTERVAL") ?? 1,
            Count = parts.Number("COUNT"),
            Until = parts.Until(),
            WeekStart = parts.WeekStart(),
            ByMonth = parts.Numbers("BYMONTH", 1, 12),
            ByWeekNo = parts.Numbers("BYWEEKNO", -53, 53),
            ByYearDay = parts.Numbers("BYYEARDAY", -366, 366),
            ByMonthDay = parts.Numbers("BYMONTHDAY", -31, 31),
            ByDay = parts.Days(),
            ByHour = parts.Numbers("BYHOUR", 0, 23),
            ByMinute = parts.Numbers("BYMINUTE", 0, 59),
            BySecond = parts.Numbers("BYSECOND", 0, 60),
            BySetPos = parts.Numbers("BYSETPOS", -366, 366),
        };
        Check(rule, parts);
        return rule;
    }

    private static void Check(RecurrenceRule rule, RuleParts parts)
    {
        var frequency = rule.Frequency;
        var ordinals = rule.ByDay.Any(day => day.Ordinal != 0);
        parts.Reject("UNTIL", rule.Count is not null, "must not stand beside COUNT");
        parts.Reject("BYWEEKNO", frequency != Frequency.Yearly, "only goes with FREQ=YEARLY");
        parts.Reject(
            "BYYEARDAY",
            frequency is Frequency.Daily or Frequency.Weekly or Frequency.Monthly,
            "does not go with FREQ=DAILY, WEEKLY or MONTHLY");
        parts.Reject("BYMONTHDAY", frequency == Frequency.Weekly, "does not go with FREQ=WEEKLY");
        parts.Reject(
            "BYDAY",
            ordinals && frequency is not (Frequency.Monthly or Frequency.Yearly),
            "may only have a number before the day with FREQ=MONTHLY or YEARLY");
        parts.Reject("BYDAY", ordinals && rule.ByWeekNo.Count > 0, "may not have a number before the day beside BYWEEKNO");
        parts.Reject("BYSETPOS", !parts.HasOtherBy("BYSETPOS"), "needs another BY part to choose from");
    }
}
