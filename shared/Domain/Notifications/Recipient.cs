namespace TodoFlow.Domain.Notifications;

/// <summary>Somebody to notify.</summary>
/// <param name="Preference">How.</param>
/// <param name="Zone">The zone of the quiet hours, and of the times that notifications name.</param>
public sealed record Recipient(NotificationPreference Preference, TimeZoneInfo Zone)
{
    /// <summary>The end of the quiet hours that an instant falls into; null where it falls into none.</summary>
    public DateTimeOffset? QuietUntil(DateTimeOffset instant) => Preference.QuietUntil(instant, Zone);
}
