using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Tasks;
using TodoFlow.Infrastructure.Notifications;

namespace TodoFlow.Functions.Notifications;

/// <summary>PUT /api/notifications/preferences: changes the preferences that the body names; null brings a default back.</summary>
public sealed class UpdateNotificationPreferences(PreferenceStore preferences)
{
    /// <summary>Returns 200 with all preferences.</summary>
    [Function(nameof(UpdateNotificationPreferences))]
    [RequiresScope(AccessScopes.Notifications)]
    [Body(typeof(UpdateNotificationPreferencesRequest))]
    [Returns<PreferencesResponse>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/notifications/preferences")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<UpdateNotificationPreferencesRequest>(ct);
        return TypedResults.Ok(await preferences.Change(body.Apply, ct));
    }
}

/// <summary>The preferences that are to change.</summary>
public sealed record UpdateNotificationPreferencesRequest
{
    /// <summary>The channels that are enabled.</summary>
    [MaxLength(10), ItemLength(1, 50), ChannelNames, Example("in_app", "email"), Description("The channels that are enabled: in_app, realtime, email, web_push. null enables all.")]
    public Optional<string[]?> Channels { get; set; }

    /// <summary>When nothing rings.</summary>
    [Description("Hours of every day in which nothing rings. What falls into them is told when they end, in one message. null for none.")]
    public Optional<QuietHoursRequest?> QuietHours { get; set; }

    /// <summary>The zone.</summary>
    [TimeZoneId, Description("The IANA zone of the quiet hours, and of the times that notifications name. null for that of the account.")]
    public Optional<string?> TimeZone { get; set; }

    /// <summary>The offset of new tasks.</summary>
    [TextLength(50), ReminderOffset, Example("15 minutes"), Description("How long before their due date new tasks remind that name no offset. null for no reminder.")]
    public Optional<string?> DefaultReminderOffset { get; set; }

    /// <summary>The time of day of all-day tasks.</summary>
    [TimeOfDay, Example("09:00"), Description("The time of day, in the task's zone, from which the reminders of all-day tasks count. null for 09:00.")]
    public Optional<string?> AllDayReminderTime { get; set; }

    /// <summary>Writes what is named.</summary>
    internal void Apply(NotificationPreference preference)
    {
        preference.Channels = Channels.IsSet ? Channels.Value?.Distinct().ToArray() : preference.Channels;
        preference.TimeZone = TimeZone.IsSet ? TaskFields.Zone(TimeZone.Value) : preference.TimeZone;
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
public sealed record QuietHoursRequest : IValidatableObject
{
    /// <summary>The wall time at which they begin.</summary>
    [Required, TimeOfDay, Example("22:00")]
    public string From { get; set; } = "";

    /// <summary>The wall time at which they end.</summary>
    [Required, TimeOfDay, Example("07:00"), Description("The wall time at which they end: on the next day where it is before the beginning.")]
    public string To { get; set; } = "";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (From == To)
        {
            yield return new("must differ from quiet_hours.from", [nameof(To)]);
        }
    }
}

/// <summary>The channels' names must be known.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ChannelNamesAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        ((string[])value!).Except(Channels.All).FirstOrDefault() is { } unknown
            ? new($"must be of {string.Join(", ", Channels.All)}, not {unknown}")
            : ValidationResult.Success;
}

/// <summary>A text must be a time of day.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TimeOfDayAttribute() : ValidationAttribute("must be a time of day such as 22:00")
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => WallClock.Parse((string?)value) is not null;
}

/// <summary>Times of day as clients write them.</summary>
internal static class WallClock
{
    /// <summary>Reads hours and minutes; null where it is neither.</summary>
    public static TimeOnly? Parse(string? text) =>
        TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;
}
