using TodoFlow.Domain.Problems;
using TodoFlow.Domain.QuickAdd;
using Xunit;

namespace TodoFlow.Tests.Unit.QuickAdd;

/// <summary>Clock changes, zones, spans and the cost; what texts mean is in QuickAddCasesTests.</summary>
public sealed class QuickAddParserTests
{
    [Theory]
    [InlineData("2026-03-28T12:00:00Z", "Europe/Berlin", "x tomorrow 02:30", "2026-03-29T03:30:00+02:00")] // the clock skips it: moved by the gap
    [InlineData("2026-10-24T12:00:00Z", "Europe/Berlin", "x tomorrow 02:30", "2026-10-25T02:30:00+02:00")] // twice: the first
    [InlineData("2026-10-25T00:45:00Z", "Europe/Berlin", "x at 02:30", "2026-10-26T02:30:00+01:00")] // after the first of two it is tomorrow's
    [InlineData("2026-03-28T23:30:00Z", "Europe/Berlin", "x in 2 hours", "2026-03-29T03:30:00+02:00")] // elapsed time
    [InlineData("2026-03-28T12:00:30Z", "Europe/Berlin", "x in 30 min", "2026-03-28T13:31:00+01:00")] // the next whole minute
    [InlineData("2026-11-28T23:30:00Z", "Pacific/Kiritimati", "x today", "2026-11-29")] // the user's day
    [InlineData("2026-11-28T23:30:00Z", "America/New_York", "x tomorrow", "2026-11-29")]
    [InlineData("2026-12-31T12:00:00Z", "UTC", "x 1 jan", "2027-01-01")]
    [InlineData("2026-12-31T12:00:00Z", "UTC", "x end of next month", "2027-01-31")]
    [InlineData("2026-01-31T12:00:00Z", "UTC", "x in a month", "2026-02-28")]
    [InlineData("2026-01-31T12:00:00Z", "UTC", "x on the 30th", "2026-03-30")] // February has none
    [InlineData("2026-11-27T12:00:00Z", "UTC", "x friday", "2026-12-04")] // on a Friday it is the next one
    [InlineData("2026-11-27T12:00:00Z", "UTC", "x this friday", "2026-11-27")]
    [InlineData("2026-11-25T12:00:00Z", "UTC", "x friday", "2026-11-27")]
    [InlineData("2026-11-25T12:00:00Z", "UTC", "x next friday", "2026-12-04")] // of the next week
    [InlineData("2026-11-29T12:00:00Z", "UTC", "x next monday", "2026-11-30")] // the next week begins tomorrow
    [InlineData("2026-11-29T12:00:00Z", "UTC", "x this weekend", "2026-11-29")]
    [InlineData("2026-11-28T21:00:00Z", "UTC", "x tonight", "2026-11-28")] // its hour has passed: all day
    [InlineData("2026-11-28T21:00:00Z", "UTC", "x tonight 11pm", "2026-11-28T23:00:00+00:00")]
    [InlineData("2026-03-28T12:00:00Z", "Europe/Berlin", "x every day at 02:30", "2026-03-29T03:30:00+02:00")]
    public void Dates_are_the_users_and_follow_the_clock_changes(string now, string zone, string text, string due) =>
        Assert.Equal(due, QuickAddParser.Parse(text, Texts.At(now, zone)).Edit.DueDate.Value!.Text);

    [Fact]
    public void A_reminder_across_a_clock_change_counts_elapsed_time_as_reminders_do()
    {
        var read = QuickAddParser.Parse("x sunday 10am remind me saturday at 10am", Texts.At("2026-03-27T12:00:00Z", "Europe/Berlin"));

        Assert.Equal("23 hours", read.Edit.ReminderOffset.Value);
    }

    [Fact]
    public void Titles_and_tags_are_of_the_form_that_filters_look_for()
    {
        var read = QuickAddParser.Parse("Kauf eine Tu\u0308te #gro\u0308ße #größe", Texts.Berlin).Checked();

        Assert.Equal("Kauf eine Tüte", read.Title.Value);
        Assert.Equal(["größe"], read.Tags.Value!);
    }

    [Theory]
    [InlineData("Call mom tomorrow 5pm #a p1", "due 9-21, tag 22-24, priority 25-27")]
    [InlineData("Tomorrow: call mom", "due 0-9")]
    [InlineData("Call mom, tomorrow", "due 8-18")]
    [InlineData("Call mom (tomorrow) now", "due 9-19")]
    [InlineData("At 5pm every day: call", "due 0-6, recurrence 7-17")]
    [InlineData("Say \"at 5pm\" tomorrow", "literal 4-12, due 13-21")]
    [InlineData("🥛🥛 tomorrow", "due 5-13")]
    public void A_span_is_where_the_words_are_in_UTF16_units(string text, string spans) =>
        Assert.Equal(spans, string.Join(", ", QuickAddParser.Parse(text, Texts.Berlin).Spans.Select(span => $"{span.Kind.ToString().ToLowerInvariant()} {span.Start}-{span.End}")));

    [Fact]
    public void A_text_that_leaves_no_title_is_refused_by_its_field()
    {
        var problem = Assert.Throws<ProblemException>(() => QuickAddParser.Parse("tomorrow 5pm #home", Texts.Berlin).Checked()).Problem;

        Assert.Equal((400, "text"), (problem.Status, Assert.Single(problem.Errors!).Field));
    }

    [Fact]
    public void More_tags_than_a_task_may_have_stay_in_the_title()
    {
        var read = QuickAddParser.Parse(string.Join(' ', Enumerable.Range(0, 52).Select(number => $"#tag{number}")), Texts.Berlin);

        Assert.Equal((50, "#tag50 #tag51", 2), (read.Edit.Tags.Value!.Length, read.Edit.Title.Value, read.Ambiguous.Count));
    }

    // A hundred times the longest text that is taken: what is quadratic in it would take minutes.
    [Theory]
    [InlineData("every ")]
    [InlineData("every mon and ")]
    [InlineData("every 1st and ")]
    [InlineData("remind me at ")]
    [InlineData("remind me tomorrow at 5pm ")]
    [InlineData("tomorrow ")]
    [InlineData("tomorrow, ")]
    [InlineData("monday to ")]
    [InlineData("\"")]
    [InlineData("\" ")]
    [InlineData("“ ")]
    [InlineData("((((")]
    [InlineData("....")]
    [InlineData("1")]
    [InlineData("1 ")]
    [InlineData("#a ")]
    [InlineData("#")]
    [InlineData("p1 ")]
    [InlineData("- ")]
    [InlineData(" ")]
    [InlineData("\u0308")]
    [InlineData("\ud83d")]
    public async Task The_cost_is_linear(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 100 * QuickAddParser.MaxLength / part.Length));

        var read = await Task.Run(() => QuickAddParser.Parse(text, Texts.Berlin)).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.NotNull(read.Edit.Title.Value);
    }
}
