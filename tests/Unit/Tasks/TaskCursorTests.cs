using System.Text;
using TodoFlow.Tasks;
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

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[\"0\"]")]
    [InlineData("[\"9\",\"0\",\"1\",\"00000000000000000000000000000001\"]")]
    [InlineData("[\"0\",\"0\",\"99999999999999999999\",\"00000000000000000000000000000001\"]")]
    [InlineData("[\"0\",\"0\",\"-1\",\"00000000000000000000000000000001\"]")]
    [InlineData("[\"0\",\"0\",null,\"00000000000000000000000000000001\"]")]
    [InlineData("[\"3\",\"0\",\"99999\",\"00000000000000000000000000000001\"]")]
    [InlineData("[\"4\",\"0\",\"a\\u0000b\",\"00000000000000000000000000000001\"]")]
    [InlineData("[\"4\",\"0\",\"\\ud800\",\"00000000000000000000000000000001\"]")]
    [InlineData("[\"0\",\"0\",\"1\",\"not a uuid\"]")]
    [InlineData("[0,0,1,2]")]
    public void A_forged_cursor_is_refused(string content)
    {
        Assert.False(TaskCursor.TryParse(content, out _));
        Assert.False(TaskCursor.TryParse(System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(content)), out _));
    }
}
