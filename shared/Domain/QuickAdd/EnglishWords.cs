using TodoFlow.Domain.Tasks;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>English.</summary>
internal static class EnglishWords
{
    public static WordTable Table { get; } = new WordTable { OrdinalSuffixes = ["st", "nd", "rd", "th"] }
        .AddRow(Role.Day, 0, "today, tod", "tomorrow, tmr, tmrw", "day after tomorrow, the day after tomorrow")
        .Add(Role.Tonight, 20, "tonight")
        .AddRow(Role.Weekday, 0, "sunday, sun", "monday, mon", "tuesday, tue, tues", "wednesday, wed", "thursday, thu, thur, thurs", "friday, fri", "saturday, sat")
        .Add(Role.WeakWeekday, 0, "sun").Add(Role.WeakWeekday, 3, "wed").Add(Role.WeakWeekday, 6, "sat")
        .AddRow(Role.EachWeekday, 0, "on sundays", "on mondays", "on tuesdays", "on wednesdays", "on thursdays", "on fridays", "on saturdays")
        .AddRow(Role.Month, 1, "january, jan", "february, feb", "march, mar", "april, apr", "may", "june, jun", "july, jul", "august, aug",
            "september, sep, sept", "october, oct", "november, nov", "december, dec")
        .Add(Role.Unit, (int)TimeUnit.Minute, "minute, minutes, min, mins, m")
        .Add(Role.Unit, (int)TimeUnit.Hour, "hour, hours, hr, hrs, h")
        .Add(Role.Unit, (int)TimeUnit.Day, "day, days, d")
        .Add(Role.Unit, (int)TimeUnit.Week, "week, weeks, w")
        .Add(Role.Unit, (int)TimeUnit.Month, "month, months")
        .Add(Role.Unit, (int)TimeUnit.Year, "year, years")
        .AddRow(Role.Number, 1, "a, an, one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
        .Add(Role.Ordinal, 1, "first").Add(Role.Second, 2, "second, 2nd").Add(Role.Ordinal, 3, "third").Add(Role.Ordinal, 4, "fourth").Add(Role.Ordinal, -1, "last")
        .Add(Role.Next, 0, "next").Add(Role.This, 0, "this").Add(Role.In, 0, "in").Add(Role.FromNow, 0, "from now")
        .Add(Role.On, 0, "on").Add(Role.OnThe, 0, "on the, by the, due the, due on the").Add(Role.The, 0, "the, on the, by the")
        .Add(Role.At, 0, "at, @").Add(Role.By, 0, "by, due, due on, due by, due at, for")
        .Add(Role.Of, 0, "of").Add(Role.OfMonth, 0, "of the month, of each month, of every month, of month").Add(Role.And, 0, "and, &")
        .Add(Role.Every, 0, "every, ev").Add(Role.Other, 0, "other").Add(Role.Workdays, 0, "weekday, weekdays, workday, workdays").Add(Role.Weekend, 0, "weekend, weekends")
        .Add(Role.EndOf, (int)TimeUnit.Day, "end of day, end of the day, the end of the day, eod")
        .Add(Role.EndOf, (int)TimeUnit.Week, "end of week, end of the week, the end of the week, eow")
        .Add(Role.EndOf, (int)TimeUnit.Month, "end of month, end of the month, the end of the month, eom, month end")
        .Add(Role.EndOf, (int)TimeUnit.Year, "end of year, end of the year, the end of the year, eoy, year end")
        .Add(Role.EndOfNext, (int)TimeUnit.Month, "end of next month, the end of next month")
        .Add(Role.EndOfNext, (int)TimeUnit.Week, "end of next week, the end of next week")
        .Add(Role.EndOfNext, (int)TimeUnit.Year, "end of next year, the end of next year")
        .Add(Role.PartOfDay, 9, "morning, in the morning").Add(Role.PartOfDay, 15, "afternoon, in the afternoon")
        .Add(Role.PartOfDay, 19, "evening, in the evening").Add(Role.PartOfDay, 22, "night, at night")
        .Add(Role.NamedTime, 12, "noon, midday").Add(Role.NamedTime, 24, "midnight")
        .Add(Role.HalfDay, 0, "am, a.m").Add(Role.HalfDay, 12, "pm, p.m").Add(Role.Hour12, 0, "o'clock, o’clock")
        .Add(Role.Adverb, (int)TimeUnit.Day, "daily").Add(Role.Adverb, (int)TimeUnit.Week, "weekly").Add(Role.Adverb, (int)TimeUnit.Month, "monthly")
        .Add(Role.Adverb, (int)TimeUnit.Year, "yearly, annually").Add(Role.Adverb, (int)TimeUnit.Hour, "hourly").Add(Role.Adverb, (int)TimeUnit.Workday, "on weekdays, on workdays")
        .Add(Role.Adverb, (int)TimeUnit.Fortnight, "fortnightly").Add(Role.UnclearAdverb, 0, "biweekly, bi-weekly, bimonthly, bi-monthly")
        .Add(Role.Starting, 0, "starting, starting on, starting from, beginning, beginning on").Add(Role.Starting, 1, "from")
        .Add(Role.Until, 0, "until, till, ending, ending on")
        .Add(Role.Remind, 0, "remind me, reminder").Add(Role.RemindTo, 0, "remind me to").Add(Role.To, 0, "to").Add(Role.Before, 0, "before, earlier, in advance, ahead")
        .Add(Role.NoReminder, 0, "no reminder, no reminders, don't remind me, don’t remind me")
        .Add(Role.NotDue, 0, "before, after, since, until, till, from, of, to, than, about, the, a, an, last, past, my, our, your, his, her, their, its, no")
        .Add(Role.Range, 0, "to, -, –, —, through, thru")
        .Add(Role.Name, 0, "black friday, good friday, casual friday, freaky friday, cyber monday, easter monday, easter sunday, palm sunday, super sunday, taco tuesday")
        .Add(Role.Name, 0, "shrove tuesday, giving tuesday, ash wednesday, maundy thursday, throwback thursday, high noon, the day today, every day carry")
        .Add(Role.Priority, (int)TaskPriority.High, "high").Add(Role.Priority, (int)TaskPriority.Medium, "medium").Add(Role.Priority, (int)TaskPriority.Low, "low");
}
