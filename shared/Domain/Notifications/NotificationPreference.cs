namespace TodoFlow.Domain.Notifications;


/// <summary>How a user wants to be reminded. Who never said so has none, and <see cref="DefaultOf"/> applies.</summary>
public sealed class NotificationPreference
{
    /// <summary>When all-day tasks remind, unless the user says otherwise.</summary>
    public static readonly TimeOnly DefaultAllDayReminderTime = new(9, 0);

    /// <summary>Whose it is.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The names of the channels that are enabled; null for all, those included that are configured later.</summary>
    public string[]? Channels { get; set; }

    /// <summary>The wall time at which quiet hours begin; null where there are none.</summary>
    public TimeOnly? QuietFrom { get; set; }

    /// <summary>The wall time at which they end, on the next day where it is not after <see cref="QuietFrom"/>.</summary>
    public TimeOnly? QuietTo { get; set; }

    /// <summary>The IANA zone of quiet hours and of the times that notifications name; null for the user's.</summary>
    public string? TimeZone { get; set; }

    /// <summary>The <see cref="Domain.Reminders.ReminderOffset"/> of tasks with a due date that are created without one; null for none.</summary>
    public string? DefaultReminderOffset { get; set; }

    /// <summary>The wall time of the due date, in the task's zone, from which the reminders of all-day tasks count.</summary>
    public TimeOnly AllDayReminderTime { get; set; } = DefaultAllDayReminderTime;

    /// <summary>When it last changed, UTC.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>What applies to a user who never said anything.</summary>
    public static NotificationPreference DefaultOf(Guid user) => new() { UserId = user };

    /// <summary>Whether a channel is enabled.</summary>
    public bool Enables(string channel) => Channels is null || Channels.Contains(channel);

    /// <summary>Disables e-mail; the other channels stay as they are.</summary>
    public void DisableEmail() => Channels = [.. (Channels ?? [.. Notifications.Channels.All]).Where(channel => channel != Notifications.Channels.Email)];

    /// <summary>The end of the quiet hours that an instant falls into; null where it falls into none.</summary>
    /// <param name="instant">The instant.</param>
    /// <param name="zone">The zone of the hours.</param>
    public DateTimeOffset? QuietUntil(DateTimeOffset instant, TimeZoneInfo zone) =>
        QuietFrom is { } from && QuietTo is { } to ? new QuietHours(from, to).EndOf(instant, zone) : null;
}
