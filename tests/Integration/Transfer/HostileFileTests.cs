using System.Text.Json;
using TodoFlow.Infrastructure.Transfer;
using Xunit;

namespace TodoFlow.Tests.Integration.Transfer;

/// <summary>Files that are small and would cost much: to read one takes what grows with its length, and no faster.</summary>
public sealed class HostileFileTests
{
    [Fact]
    public void Tasks_below_long_ones_are_not_each_known_by_the_text_of_these()
    {
        var below = string.Concat(Enumerable.Repeat("task,y,2\n", 5000));
        var file = $"TYPE,CONTENT,INDENT\nsection,{new string('s', 200_000)},\ntask,{new string('x', 200_000)},1\n{below}";

        var (items, allocated) = Read(file);

        Assert.Equal(5001, items.DistinctBy(item => item.Key).Count());
        Assert.InRange(allocated, 1, 200_000_000);
    }

    [Fact]
    public void Notes_of_a_task_are_put_together_once()
    {
        var (items, allocated) = Read($"TYPE,CONTENT\ntask,x\n{string.Concat(Enumerable.Repeat("note,z\n", 200_000))}");

        Assert.InRange(Assert.Single(items).Fields["description"].GetString()!.Length, 10_001, 10_010); // too long, as it would be whole
        Assert.InRange(allocated, 1, 200_000_000);
    }

    [Fact]
    public void A_field_of_many_lines_is_read_in_one_go()
    {
        var text = string.Concat(Enumerable.Repeat("a\n", 500_000));

        var (items, allocated) = Read($"TYPE,CONTENT,DESCRIPTION\ntask,x,\"{text}\"\n");

        Assert.Equal(text, Assert.Single(items).Fields["description"].GetString());
        Assert.InRange(allocated, 1, 200_000_000);
    }

    // What took the square of the length would not come to an end here.
    [Fact]
    public void A_date_of_white_space_and_markup_that_is_never_closed_come_to_an_end()
    {
        var (items, _) = Read($"TYPE,CONTENT,DATE\ntask,x,z{new string(' ', 1_000_000)}y\n");
        Assert.Equal("due_date", Assert.Single(Assert.Single(items).Warnings).Field);

        var html = JsonSerializer.SerializeToElement(new[] { new { id = "1", title = "x", body = new { contentType = "html", content = new string('<', 1_000_000) + "<br" } } });
        Assert.EndsWith("<<<br", Assert.Single(new MicrosoftToDoFile(TimeZoneInfo.Utc).Read(html)).Fields["description"].GetString(), StringComparison.Ordinal);
    }

    private static (List<ImportItem> Items, long Allocated) Read(string csv)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var items = new TodoistFile(TimeZoneInfo.Utc, DateTimeOffset.UnixEpoch).Read(new StringReader(csv), null).ToList();
        return (items, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
