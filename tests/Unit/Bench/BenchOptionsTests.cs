using TodoFlow.Bench;
using Xunit;

namespace TodoFlow.Tests.Unit.Bench;

/// <summary>What a benchmark is told, and how it says what it was told beside its figures.</summary>
public sealed class BenchOptionsTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("--rounds 5 --seconds 3", true)]
    [InlineData("--sizes 10000,100000", true)]
    [InlineData("--seed 7", true)]
    [InlineData("--quick", false)]
    [InlineData("--only postgres", false)]
    public void A_run_is_published_with_its_command_where_no_part_of_it_is_left_out(string arguments, bool isWhole)
    {
        var options = Parse(arguments)!;

        Assert.Equal(isWhole, options.IsWhole);
        Assert.Equal($"./todoflow bench growth {arguments}".TrimEnd(), options.Command("growth"));
    }

    [Theory]
    [InlineData("--quickly")]
    [InlineData("--seconds")]
    [InlineData("--seconds 0")]
    [InlineData("--rounds many")]
    [InlineData("--only")]
    [InlineData("--sizes 10000,")]
    [InlineData("--sizes 15000")]
    [InlineData("--seed -1")]
    public void What_cannot_be_read_is_refused(string arguments) => Assert.Null(Parse(arguments));

    private static BenchOptions? Parse(string arguments) => BenchOptions.Parse("Host=localhost", arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void A_part_that_a_suite_does_not_have_is_refused_with_those_that_it_has()
    {
        var options = BenchOptions.Parse("", ["--only", "rabbitmq"])!;

        var error = Assert.Throws<ArgumentException>(() => options.RequirePart("postgres", "kafka"));

        Assert.Equal("--only rabbitmq is no part of it. Its parts: postgres, kafka.", error.Message);
        BenchOptions.Parse("", ["--only", "kafka"])!.RequirePart("postgres", "kafka");
        BenchOptions.Parse("", [])!.RequirePart("postgres", "kafka");
    }
}
