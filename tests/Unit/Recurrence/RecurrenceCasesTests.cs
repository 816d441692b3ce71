using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using Xunit;

namespace TodoFlow.Tests.Unit.Recurrence;

/// <summary>The table of decided cases, <c>recurrence-cases.tsv</c>: due dates, completions and results in the wall time of the zone.</summary>
public sealed class RecurrenceCasesTests
{
    private static readonly string Table = Path.Combine(AppContext.BaseDirectory, "Unit", "Recurrence", "recurrence-cases.tsv");

    public static TheoryData<string, string, string, string, string, string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string, string, string, string, string, string>();
        foreach (var line in File.ReadLines(Table).Skip(1))
        {
            var cell = line.Split('\t');
            rows.Add(cell[0], cell[1], cell[2], cell[3], cell[4], cell[5], cell[6], cell[7]);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_decided_case_gives_the_decided_next(
        string rule, string basis, string zone, string anchor, string due, string completedAt, string next, string why)
    {
        var series = Series.Of(rule, anchor, zone, Enum.Parse<RecurrenceBasis>(basis, ignoreCase: true));
        var completed = series.DueAtWall(completedAt).DueAt(series.Zone);

        var occurrence = series.Next(series.DueAt(series.DueAtWall(due)), completed);

        Assert.True(Expect(series, next) == occurrence?.Due.Text, $"{why}: {occurrence?.Due.Text ?? "ended"} instead of {next}");
    }

    [Fact]
    public void The_table_is_whole() => Assert.Equal(26, Rows().Count);

    private static string? Expect(RecurrenceSeries series, string next)
    {
        if (next == "ended")
        {
            return null;
        }

        return DueDate.TryParseInstant(next.Replace("01:30-", "01:30:00-", StringComparison.Ordinal), out var instant)
            ? DueDate.At(instant).Text
            : series.DueAtWall(next).Text;
    }
}
