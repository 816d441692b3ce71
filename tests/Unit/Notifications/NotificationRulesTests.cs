using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Tasks;
using Xunit;

namespace TodoFlow.Tests.Unit.Notifications;

/// <summary>What users prefer, when a delivery is tried again, and what a reminder says.</summary>
public class NotificationRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 23, 0, 0, TimeSpan.Zero);
    private static readonly Guid User = Guid.CreateVersion7(Now);

    [Fact]
    public void Who_never_said_anything_has_every_channel_no_quiet_hours_and_nine_o_clock()
    {
        var preference = NotificationPreference.DefaultOf(User);

        Assert.All(Channels.All, channel => Assert.True(preference.Enables(channel)));
        Assert.Null(preference.QuietUntil(Now, TimeZoneInfo.Utc));
        Assert.Equal((new TimeOnly(9, 0), (string?)null), (preference.AllDayReminderTime, preference.DefaultReminderOffset));
    }

    [Fact]
    public void A_list_of_channels_enables_those_and_no_other()
    {
        var preference = new NotificationPreference { UserId = User, Channels = [Channels.Email] };

        Assert.True(preference.Enables(Channels.Email));
        Assert.False(preference.Enables(Channels.InApp));
    }

    [Fact]
    public void Quiet_hours_apply_in_the_recipients_zone()
    {
        var preference = new NotificationPreference { UserId = User, QuietFrom = new(22, 0), QuietTo = new(7, 0) };

        Assert.Equal(Now.AddHours(8), new Recipient(preference, TimeZoneInfo.Utc).QuietUntil(Now));
        Assert.Null(new Recipient(preference, TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo")).QuietUntil(Now)); // 8 in the morning
    }

    [Theory]
    [InlineData(1, null, 1)]
    [InlineData(2, null, 2)]
    [InlineData(10, null, 512)]
    [InlineData(12, null, 2048)]
    [InlineData(13, null, 3600)]
    [InlineData(60, null, 3600)]
    [InlineData(1, 30, 30)] // the other side asks for more
    [InlineData(10, 30, 512)] // or for less
    [InlineData(1, -5, 1)]
    [InlineData(1, 1_000_000, 86_400)] // or for too much
    public void A_delivery_waits_twice_as_long_after_each_try(int attempt, int? askedSeconds, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), DeliveryBackoff.After(attempt, askedSeconds is { } asked ? TimeSpan.FromSeconds(asked) : null));

    [Fact]
    public void The_preferred_offset_is_that_of_a_task_with_a_due_date_that_names_none()
    {
        var preference = new TaskPreference("1 hour", new TimeOnly(9, 0));
        var dated = new TaskEdit { Title = "a", DueDate = DueDate.At(Now) };

        Assert.Equal("1 hour", preference.ApplyTo(dated).ReminderOffset.Value);
        Assert.Null(preference.ApplyTo(dated with { ReminderOffset = new Optional<string?>(null) }).ReminderOffset.Value); // says that it wants none
        Assert.False(preference.ApplyTo(new TaskEdit { Title = "a" }).ReminderOffset.IsSet);
    }

    [Fact]
    public void A_task_depends_on_preferences_for_its_offset_or_the_time_of_its_day()
    {
        Assert.True(TaskPreference.AppliesTo(new TaskEdit { DueDate = DueDate.At(Now) }));
        Assert.False(TaskPreference.AppliesTo(new TaskEdit { DueDate = DueDate.At(Now), ReminderOffset = "1 hour" }));
        Assert.True(TaskPreference.AppliesTo(new TaskEdit { DueDate = DueDate.On(new(2026, 3, 2)), ReminderOffset = "1 hour" }));
        Assert.False(TaskPreference.AppliesTo(new TaskEdit { Title = "a" }));
    }

    [Fact]
    public void A_summary_names_the_first_and_counts_the_rest()
    {
        var all = Enumerable.Range(1, 12).Select(number => ($"task {number}\nsecond line", "Due.")).ToList();

        var lines = ReminderText.SummaryBody(all, all.Count).Split('\n');

        Assert.Equal(ReminderText.MostLines + 1, lines.Length);
        Assert.Equal("task 1 second line - Due.", lines[0]);
        Assert.Equal($"and {12 - ReminderText.MostLines} more", lines[^1]);
    }
}
