using TodoFlow.Infrastructure.Tasks;
using Xunit;

namespace TodoFlow.Tests.Unit.Tasks;

public class TaskSearchTests
{
    [Theory]
    [InlineData("gro", true)]
    [InlineData("buy gro", true)]
    [InlineData("\"a phrase\" gro", true)]
    [InlineData("buy gro ", false)]
    [InlineData("\"buy gro\"", false)]
    [InlineData("\"buy gro", false)]
    [InlineData("buy -gro", false)]
    [InlineData("buy or", false)]
    [InlineData("buy OR", false)]
    [InlineData("", false)]
    public void Only_a_plain_word_at_the_end_is_still_being_typed(string words, bool prefix) =>
        Assert.Equal(prefix, TaskSearch.EndsInPrefix(words));
}
