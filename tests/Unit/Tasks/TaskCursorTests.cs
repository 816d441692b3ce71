using System.Buffers.Text;
using System.Text;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Tasks;
using Xunit;

namespace TodoFlow.Tests.Unit.Tasks;

public class TaskCursorTests
{
    [Theory]
    [InlineData(TaskSort.DueDate, null)]
    [InlineData(TaskSort.DueDate, "639000000000000000")]
    [InlineData(TaskSort.Title, "über \"quotes\" 😀")]
    [InlineData(TaskSort.Priority, "2")]
    public void A_cursor_is_read_as_it_was_written(TaskSort sort, string? key)
    {
        var cursor = new TaskCursor(sort, SortOrder.Desc, key, Guid.CreateVersion7());

        Assert.True(TaskCursor.TryParse(cursor.ToString(), out var read));
        Assert.Equal(cursor, read);
    }

    [Fact]
    public void The_cursor_of_the_longest_title_fits_into_a_request_line()
    {
        var title = string.Concat(Enumerable.Repeat("😀", 500));

        // Kestrel takes 8 KiB with everything else that narrows the list.
        Assert.InRange(new TaskCursor(TaskSort.Title, SortOrder.Asc, title, Guid.CreateVersion7()).ToString().Length, 0, 4096);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("00")]
    [InlineData("0000000000000000000000000000000001")]
    [InlineData("90000000000000000000000000000000011")]
    [InlineData("0x000000000000000000000000000000011")]
    [InlineData("000000000000000000000000000000000199999999999999999999")]
    [InlineData("0000000000000000000000000000000001-1")]
    [InlineData("0000000000000000000000000000000001 ")]
    [InlineData("300000000000000000000000000000000199999")]
    [InlineData("4000000000000000000000000000000001")]
    [InlineData("4000000000000000000000000000000001a\u0000b")]
    [InlineData("00not an id of thirty-two digits 1")]
    [InlineData("[\"0\",\"0\",\"1\"]")]
    public void A_forged_cursor_is_refused(string content)
    {
        Assert.False(TaskCursor.TryParse(content, out _));
        Assert.False(TaskCursor.TryParse(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(content)), out _));
    }

    [Fact]
    public void A_forged_cursor_whose_title_is_not_UTF_8_is_refused()
    {
        byte[] content = [.. "4000000000000000000000000000000001"u8, 0xED, 0xA0, 0x80]; // half a surrogate pair

        Assert.False(TaskCursor.TryParse(Base64Url.EncodeToString(content), out _));
    }
}
