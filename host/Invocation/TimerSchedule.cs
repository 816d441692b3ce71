using NCrontab;
using TodoFlow.Host.Configuration;

namespace TodoFlow.Host.Invocation;

/// <summary>When a timer function runs: a six-field NCRONTAB expression in UTC, or an interval such as <c>00:05:00</c>.</summary>
public sealed class TimerSchedule
{
    private static readonly CrontabSchedule.ParseOptions SixFields = new() { IncludingSeconds = true };

    // The calendar repeats every 28 years, a Monday 29 February too: what does not come in them never comes.
    private static readonly DateTime ProbeStart = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime ProbeEnd = ProbeStart.AddYears(28);

    private readonly CrontabSchedule? _crontab;
    private readonly TimeSpan _interval;
    private readonly string _text;

    private TimerSchedule(string text, CrontabSchedule? crontab, TimeSpan interval)
    {
        _text = text;
        _crontab = crontab;
        _interval = interval;
    }

    /// <summary>Reads a schedule.</summary>
    /// <exception cref="HostStartException">It is neither, or it never comes.</exception>
    public static TimerSchedule Parse(string function, string text)
    {
        if (CrontabSchedule.TryParse(text, SixFields) is { } crontab)
        {
            return crontab.GetNextOccurrence(ProbeStart, ProbeEnd) < ProbeEnd
                ? new TimerSchedule(text, crontab, default)
                : throw HostStartException.ForFunction(function, $"has the schedule '{text}', which never comes");
        }

        return TimeSpan.TryParse(text, out var interval) && interval > TimeSpan.Zero
            ? new TimerSchedule(text, null, interval)
            : throw HostStartException.ForFunction(
                function, $"has the schedule '{text}'; it must be NCRONTAB with six fields (seconds first), such as '0 */5 * * * *', or hh:mm:ss");
    }

    /// <summary>The first instant of the schedule after another one.</summary>
    public DateTimeOffset Next(DateTimeOffset after) =>
        _crontab is null ? after + _interval : new DateTimeOffset(_crontab.GetNextOccurrence(after.UtcDateTime), TimeSpan.Zero);

    /// <summary>The expression.</summary>
    public override string ToString() => _text;
}
