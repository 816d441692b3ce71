using System.Text.RegularExpressions;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.QuickAdd;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using Xunit;

namespace TodoFlow.Tests.Unit.QuickAdd;

/// <summary>
/// The table of decided cases, <c>quick-add-cases.tsv</c>: what is written on Saturday, 2026-11-28 at 11:20 in Berlin, the title that is
/// left, the due date on the wall clock, what else is set, and why something was left in the title.
/// </summary>
public sealed class QuickAddCasesTests
{
    private static readonly string Table = Path.Combine(AppContext.BaseDirectory, "Unit", "QuickAdd", "quick-add-cases.tsv");

    public static TheoryData<string, string, string, string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string, string, string, string>();
        foreach (var line in File.ReadLines(Table).Skip(1).Where(line => !line.StartsWith("# ", StringComparison.Ordinal)))
        {
            var cell = line.Replace("\\u0301", "\u0301", StringComparison.Ordinal).Replace("\\u0308", "\u0308", StringComparison.Ordinal).Split('\t');
            rows.Add(cell[0], cell[1], cell[2], cell[3], cell[4], cell[5]);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_decided_case_is_read_as_decided(string lang, string text, string title, string due, string more, string unclear)
    {
        var read = QuickAddParser.Parse(text, Texts.Berlin with { Language = Enum.Parse<QuickAddLanguage>(lang, ignoreCase: true) });

        Assert.Equal((title, due, more, unclear), (read.Edit.Title.Value!, Wall(read.Edit.DueDate.Value), More(read.Edit), string.Join(' ', read.Ambiguous.Select(note => note.Code))));
    }

    [Fact]
    public void The_table_is_whole() => Assert.True(Rows().Count >= 200);

    private static string Wall(DueDate? due) => due is null ? ""
        : due.AllDay ? due.Text
        : Regex.Replace(WallTime.Of(due, Texts.Berlin.Zone).ToString(), "(T[0-9]{2}:[0-9]{2}):00$", "$1");

    private static string More(TaskEdit edit)
    {
        var parts = new List<string>();
        if (edit.Recurrence.Value is { } rule)
        {
            parts.Add($"rec={rule}");
        }

        if (edit.RecurrenceBasis.Value == RecurrenceBasis.Completion)
        {
            parts.Add("basis=completion");
        }

        parts.AddRange(edit.Tags.Value!.Select(tag => $"#{tag}"));
        if (edit.Priority.Value != TaskPriority.Medium)
        {
            parts.Add($"!{edit.Priority.Value.ToString().ToLowerInvariant()}");
        }

        if (edit.ReminderOffset.IsSet)
        {
            parts.Add($"remind={edit.ReminderOffset.Value ?? "none"}");
        }

        return string.Join(' ', parts);
    }
}
