using System.Globalization;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Reminders;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>
/// Puts date, time, recurrence and reminder together, in the user's zone: a local time that the clock skips is moved forward by the gap, of
/// one that it shows twice the first is meant (RFC 5545 section 3.3.5).
/// </summary>
internal sealed class DueResolution(QuickAddContext context, DateOnly today)
{
    private readonly ZoneClock _clock = new(context.Zone);
    private List<Phrase> _phrases = [];

    /// <summary>The phrases; what does not go together is left unclear.</summary>
    public List<Phrase> Phrases => _phrases;

    public DueDate? Due { get; private set; }

    /// <summary>The recurrence to store; null where there is none.</summary>
    public string? Rule { get; private set; }

    public bool FromCompletion { get; private set; }

    /// <summary>Whether the text says whether to remind.</summary>
    public bool HasReminder { get; private set; }

    /// <summary>How long before the due date to remind; null for no reminder.</summary>
    public string? Offset { get; private set; }

    public DueResolution Resolve(List<Phrase> chosen)
    {
        _phrases = chosen;
        var rhythm = Find(PhraseKind.Rule)?.Rhythm;
        if (rhythm?.Days is not null && Find(PhraseKind.Date) is { Starting: null } beside)
        {
            Leave(beside, Doubt.BesideRule);
        }

        if (rhythm?.Days is not null && _phrases.Find(phrase => phrase is { Kind: PhraseKind.Time, Minutes: TimeGrammar.EndOfDay }) is { } midnight)
        {
            Leave(midnight, Doubt.HalfOfDay); // of which of two days?
        }

        var date = Find(PhraseKind.Date);
        var exact = _phrases.Find(phrase => phrase is { Kind: PhraseKind.Time, IsVague: false })?.Minutes;
        var vague = _phrases.Find(phrase => phrase is { Kind: PhraseKind.Time, IsVague: true })?.Minutes ?? date?.Minutes;
        Due = rhythm is null ? Once(date, exact, vague) : First(rhythm, date, exact ?? vague ?? rhythm.Minutes);
        Recur(rhythm);
        Remind();
        return this;
    }

    private DueDate? Once(Phrase? date, int? exact, int? vague)
    {
        if (date?.Instant is { } instant)
        {
            return At(instant);
        }

        if (date?.Date is { } day)
        {
            var isOver = exact is null && day == today && vague is { } hour && Wall(day, hour) <= context.Now; // tonight, but it is later
            return exact is { } minutes ? DueDate.At(Wall(day, minutes)) : vague is { } part && !isOver ? DueDate.At(Wall(day, part)) : DueDate.On(day);
        }

        return (exact ?? vague) is { } time ? DueDate.At(NextAt(time)) : null;
    }

    // The first day from today on that the rule allows, and whose time is still to come.
    private DueDate First(Rhythm rhythm, Phrase? date, int? minutes)
    {
        if (date?.Instant is { } instant)
        {
            return At(instant);
        }

        if (rhythm.Elapsed is { } step)
        {
            return date?.Date is { } begin ? DueDate.At(Wall(begin, minutes ?? NowMinutes)) : minutes is { } at ? DueDate.At(NextAt(at)) : At(DateGrammar.UpToMinute(context.Now + step));
        }

        minutes = minutes == TimeGrammar.EndOfDay ? 0 : minutes; // of every day
        if (date?.Date is { } day)
        {
            return minutes is { } time ? DueDate.At(Wall(day, time)) : DueDate.On(day);
        }

        if (rhythm.Days is not { } days)
        {
            return minutes is { } time ? DueDate.At(NextAt(time)) : DueDate.On(today);
        }

        var yesterday = today.AddDays(-1);
        var anchor = minutes is { } of ? WallTime.At(yesterday.ToDateTime(TimeOnly.MinValue).AddMinutes(of)) : WallTime.On(yesterday);
        var set = new RecurrenceSet(RecurrenceRule.Parse(days), anchor, DateTime.MaxValue, counts: false);
        var member = set.FirstAfter(today.ToDateTime(TimeOnly.MinValue).AddSeconds(-1));
        while (minutes is not null && member is { } passed && _clock.Resolve(passed).Instant <= context.Now)
        {
            member = set.FirstAfter(passed);
        }

        var first = member ?? today.ToDateTime(TimeOnly.MinValue); // every rule that is read has a member
        return minutes is null ? DueDate.On(DateOnly.FromDateTime(first)) : DueDate.At(_clock.Resolve(first).Instant);
    }

    private void Recur(Rhythm? rhythm)
    {
        if (Find(PhraseKind.Until) is { } until)
        {
            var doubt = rhythm is null ? Doubt.NoRule : until.Date < LocalDate(Due!) ? Doubt.EndsBefore : null;
            if (doubt is null)
            {
                rhythm = rhythm! with { Text = rhythm.Rule + until.Date!.Value.ToString("';UNTIL='yyyyMMdd", CultureInfo.InvariantCulture) };
            }
            else
            {
                Leave(until, doubt);
            }
        }

        (Rule, FromCompletion) = (rhythm?.Text, rhythm?.FromCompletion ?? false);
    }

    private void Remind()
    {
        if (Find(PhraseKind.Reminder) is not { } reminder)
        {
            return;
        }

        if (reminder.NoReminder)
        {
            HasReminder = true;
            return;
        }

        var isAt = reminder.Offset is null;
        if (Due is null && isAt)
        {
            Due = Once(reminder, reminder.Minutes, null);
            (HasReminder, Offset) = (true, ChipGrammar.Text(TimeSpan.Zero));
            return;
        }

        var doubt = Due is null ? Doubt.NoDueDate : null;
        var offset = reminder.Offset;
        if (doubt is null && isAt)
        {
            var span = Before(Due!, reminder);
            offset = ChipGrammar.Text(span);
            doubt = span < TimeSpan.Zero ? Doubt.AfterDue : span > ReminderOffset.Max ? Doubt.LongBefore : null;
        }

        if (doubt is null)
        {
            (HasReminder, Offset) = (true, offset);
        }
        else
        {
            Leave(reminder, doubt);
        }
    }

    // As ReminderInstant counts: of a timed task in elapsed time, of an all-day one on the wall clock.
    private TimeSpan Before(DueDate due, Phrase reminder)
    {
        var allDay = (int)(context.AllDayReminderTime.ToTimeSpan().Ticks / TimeSpan.TicksPerMinute);
        var wall = reminder.Instant is { } instant ? _clock.WallAt(instant)
            : (reminder.Date ?? LocalDate(due)).ToDateTime(TimeOnly.MinValue).AddMinutes(reminder.Minutes ?? allDay);
        return due.AllDay
            ? due.Date.Value.ToDateTime(TimeOnly.MinValue).AddMinutes(allDay) - wall
            : due.Instant.Value - (reminder.Instant ?? _clock.Resolve(wall).Instant);
    }

    private int NowMinutes => (int)(_clock.WallAt(DateGrammar.UpToMinute(context.Now)).TimeOfDay.Ticks / TimeSpan.TicksPerMinute);

    private DateTimeOffset NextAt(int minutes) => Wall(today, minutes) is var at && at > context.Now ? at : Wall(today.AddDays(1), minutes);

    private DateTimeOffset Wall(DateOnly day, int minutes) => _clock.Resolve(day.ToDateTime(TimeOnly.MinValue).AddMinutes(minutes)).Instant;

    private DueDate At(DateTimeOffset instant) => DueDate.At(TimeZoneInfo.ConvertTime(instant, context.Zone));

    private DateOnly LocalDate(DueDate due) => WallTime.Of(due, context.Zone).Date;

    private Phrase? Find(PhraseKind kind) => _phrases.Find(phrase => phrase.Kind == kind);

    private void Leave(Phrase phrase, Doubt doubt) => _phrases[_phrases.IndexOf(phrase)] = PhraseChoice.Unclear(phrase, doubt);
}
