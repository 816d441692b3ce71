using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Tasks;
using TodoFlow.Infrastructure.Notifications;

namespace TodoFlow.Functions.Notifications;

/// <summary>PUT /api/notifications/preferences: changes the preferences that the body names; null brings a default back.</summary>
public sealed class UpdateNotificationPreferences(PreferenceStore preferences)
{
    /// <summary>Answers 200 with all preferences.</summary>
    [Function(nameof(UpdateNotificationPreferences))]
    [Body<UpdateNotificationPreferencesRequest>]
    [Returns<PreferencesResponse>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/notifications/preferences")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<UpdateNotificationPreferencesRequest>(ct);
        return Answers.Ok(await preferences.Change(body.Apply, ct), TodoFlowJson.Wire.PreferencesResponse);
    }
}

/// <summary>The preferences that are to change.</summary>
public sealed record UpdateNotificationPreferencesRequest : IChecked
{
    /// <summary>The channels that are enabled.</summary>
    [Texts(10, 50), Example("in_app", "email"), About("The channels that are enabled: in_app, realtime, email, web_push. null enables all.")]
    public Optional<string[]?> Channels { get; init; }

    /// <summary>When nothing rings.</summary>
    [About("Hours of every day in which nothing rings. What falls into them is told when they end, in one message. null for none.")]
    public Optional<QuietHoursRequest?> QuietHours { get; init; }

    /// <summary>The zone.</summary>
    [About("The IANA zone of the quiet hours, and of the times that notifications name. null for that of the account.")]
    public Optional<string?> TimeZone { get; init; }

    /// <summary>The offset of new tasks.</summary>
    [Characters(0, 50), Example("15 minutes"), About("How long before their due date new tasks remind that name no offset. null for no reminder.")]
    public Optional<string?> DefaultReminderOffset { get; init; }

    /// <summary>The time of day of all-day tasks.</summary>
    [Example("09:00"), About("The time of day, in the task's zone, from which the reminders of all-day tasks count. null for 09:00.")]
    public Optional<string?> AllDayReminderTime { get; init; }

    /// <inheritdoc/>
    public IEnumerable<FieldError> Check()
    {
        foreach (var unknown in (Channels.Value ?? []).Except(TodoFlow.Domain.Notifications.Channels.All).Take(1))
        {
            yield return new("channels", $"must be of {string.Join(", ", TodoFlow.Domain.Notifications.Channels.All)}, not {unknown}");
        }

        foreach (var error in TaskFields.Check(TimeZone.Value, null, null))
        {
            yield return error;
        }

        if (DefaultReminderOffset.Value is { } offset && !ReminderOffset.TryParse(offset, out _))
        {
            yield return new("default_reminder_offset", $"must be {ReminderOffset.Expected}");
        }

        if (AllDayReminderTime.Value is { } time && !WallClock.TryParse(time, out _))
        {
            yield return new("all_day_reminder_time", $"must be {WallClock.Expected}");
        }

        foreach (var error in QuietHours.Value?.Check() ?? [])
        {
            yield return error;
        }
    }

    /// <summary>Writes what is named.</summary>
    internal void Apply(NotificationPreference preference)
    {
        preference.Channels = Channels.IsSet ? Channels.Value?.Distinct().ToArray() : preference.Channels;
        preference.TimeZone = TimeZone.IsSet ? TimeZone.Value : preference.TimeZone;
        preference.DefaultReminderOffset = DefaultReminderOffset.IsSet ? DefaultReminderOffset.Value : preference.DefaultReminderOffset;
        if (AllDayReminderTime.IsSet)
        {
            preference.AllDayReminderTime = WallClock.Parse(AllDayReminderTime.Value) ?? NotificationPreference.DefaultAllDayReminderTime;
        }

        if (QuietHours.IsSet)
        {
            (preference.QuietFrom, preference.QuietTo) = (WallClock.Parse(QuietHours.Value?.From), WallClock.Parse(QuietHours.Value?.To));
        }
    }
}

/// <summary>Hours of every day.</summary>
public sealed record QuietHoursRequest
{
    /// <summary>The wall time at which they begin.</summary>
    [Needed, Example("22:00")]
    public string From { get; init; } = "";

    /// <summary>The wall time at which they end.</summary>
    [Needed, Example("07:00"), About("The wall time at which they end: on the next day where it is before the beginning.")]
    public string To { get; init; } = "";

    /// <summary>What is wrong with them.</summary>
    internal IEnumerable<FieldError> Check()
    {
        var (from, to) = (WallClock.Parse(From), WallClock.Parse(To));
        if (from is null)
        {
            yield return new("quiet_hours.from", $"must be {WallClock.Expected}");
        }

        if (to is null)
        {
            yield return new("quiet_hours.to", $"must be {WallClock.Expected}");
        }
        else if (from == to)
        {
            yield return new("quiet_hours.to", "must differ from quiet_hours.from");
        }
    }
}

/// <summary>Times of day as clients write them.</summary>
internal static class WallClock
{
    /// <summary>What is expected, after "must be".</summary>
    public const string Expected = "a time of day such as 22:00";

    /// <summary>Reads hours and minutes.</summary>
    public static bool TryParse(string? text, out TimeOnly time) =>
        TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    /// <summary>Reads hours and minutes; null where it is neither.</summary>
    public static TimeOnly? Parse(string? text) => TryParse(text, out var time) ? time : null;
}
