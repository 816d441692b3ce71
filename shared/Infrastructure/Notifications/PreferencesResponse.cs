using System.Globalization;
using TodoFlow.Domain.Notifications;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>How a user is reminded.</summary>
/// <param name="Channels">The channels that are enabled.</param>
/// <param name="ChannelStates">Each channel: whether it is enabled, and whether it would reach the user now.</param>
/// <param name="QuietHours">When nothing rings; null for never.</param>
/// <param name="TimeZone">The IANA zone of the quiet hours and of the times that notifications name.</param>
/// <param name="DefaultReminderOffset">How long before their due date new tasks remind that name no offset; null for none.</param>
/// <param name="AllDayReminderTime">The time of day from which the reminders of all-day tasks count.</param>
public sealed record PreferencesResponse(
    IReadOnlyList<string> Channels, IReadOnlyList<ChannelState> ChannelStates, QuietHoursResponse? QuietHours, string TimeZone,
    string? DefaultReminderOffset, string AllDayReminderTime)
{
    /// <summary>What applies to a user.</summary>
    /// <param name="preference">What they said, or the defaults.</param>
    /// <param name="states">The channels as they stand.</param>
    /// <param name="timeZone">The user's zone.</param>
    public static PreferencesResponse From(NotificationPreference preference, IReadOnlyList<ChannelState> states, string timeZone) => new(
        [.. states.Where(state => state.Enabled).Select(state => state.Channel)],
        states,
        preference is { QuietFrom: { } from, QuietTo: { } to } ? new(Text(from), Text(to)) : null,
        preference.TimeZone ?? timeZone,
        preference.DefaultReminderOffset,
        Text(preference.AllDayReminderTime));

    private static string Text(TimeOnly time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);
}

/// <summary>Hours of every day in which nothing rings.</summary>
/// <param name="From">The wall time at which they begin.</param>
/// <param name="To">The wall time at which they end: on the next day where it is before the beginning.</param>
public sealed record QuietHoursResponse(string From, string To);
