using TodoFlow.Domain.QuickAdd;

namespace TodoFlow.Tests.Unit.QuickAdd;

/// <summary>What texts are read with.</summary>
internal static class Texts
{
    /// <summary>Saturday, 2026-11-28 at 11:20 in Berlin.</summary>
    public static QuickAddContext Berlin { get; } = At("2026-11-28T11:20:00+01:00", "Europe/Berlin");

    public static QuickAddContext At(string now, string zone) =>
        new(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById(zone), new TimeOnly(9, 0));
}
