using System.Text.Json;
using System.Text.RegularExpressions;
using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Bench;

/// <summary>What a benchmark writes into the documentation, and what it leaves alone.</summary>
public sealed partial class PerformancePageTests : IDisposable
{
    private const string Page = "before\n<!-- bench:http -->\nold\n<!-- /bench:http -->\nbetween\n<!-- bench:start -->\nkept\n<!-- /bench:start -->\n";

    private static readonly Machine Machine = new("a processor", 2, 24, "Linux", ".NET 10", "15.18 (Debian)", 1.5, DateTimeOffset.UnixEpoch);

    private readonly string _root = Directory.CreateTempSubdirectory("todoflow-bench-").FullName;

    public PerformancePageTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "docs"));
        File.WriteAllText(PagePath, Page);
    }

    private string PagePath => Path.Combine(_root, "docs", "performance.md");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_whole_run_replaces_its_own_section_and_no_other()
    {
        await Publish("http", isWhole: true);

        var page = await File.ReadAllTextAsync(PagePath);
        Assert.StartsWith("before\n<!-- bench:http -->\n\n`./todoflow bench http` on 2 cores (a processor), 24 GiB, PostgreSQL 15.18, .NET 10; load average before 1.5; 1970-01-01 00:00 UTC\n\nnew\n", page, StringComparison.Ordinal);
        Assert.EndsWith("\n![http](performance/http.svg)\n\n<!-- /bench:http -->\nbetween\n<!-- bench:start -->\nkept\n<!-- /bench:start -->\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("old", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_run_keeps_its_figures_and_its_picture()
    {
        await Publish("http", isWhole: true);

        var figures = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_root, "docs", "performance", "http.json"))).RootElement;
        Assert.Equal("./todoflow bench http", figures.GetProperty("command").GetString());
        Assert.Equal(2, figures.GetProperty("machine").GetProperty("cores").GetInt32());
        Assert.Equal(1, figures.GetProperty("figures").GetProperty("requests_per_second").GetInt32());
        Assert.Equal("<svg/>", await File.ReadAllTextAsync(Path.Combine(_root, "docs", "performance", "http.svg")));
    }

    [Fact]
    public async Task A_part_of_a_suite_leaves_the_documentation_as_it_is()
    {
        await Publish("http", isWhole: false);

        Assert.Equal(Page, await File.ReadAllTextAsync(PagePath));
        Assert.False(Directory.Exists(Path.Combine(_root, "docs", "performance")));
    }

    [Fact]
    public async Task A_suite_without_a_place_in_the_documentation_is_refused_and_writes_nothing()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Publish("growth", isWhole: true));

        Assert.Contains("<!-- bench:growth -->", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_root, "docs", "performance")));
    }

    [Fact]
    public void Every_suite_has_its_place_in_the_documentation()
    {
        var suites = Suite().Matches(Repository.Read("bench/Program.cs")).Select(match => match.Groups[1].Value).ToList();
        var page = Repository.Read("docs/performance.md");

        Assert.Equal(12, suites.Count);
        Assert.All(suites, suite => Assert.Matches($"(?s)<!-- bench:{suite} -->\n(?:(?!<!--).)*<!-- /bench:{suite} -->\n", page));
    }

    private Task Publish(string suite, bool isWhole) =>
        new PerformancePage(suite, Machine, $"./todoflow bench {suite}", _root).Publish("new\n\n", "<svg/>", new { RequestsPerSecond = 1 }, isWhole);

    [GeneratedRegex("""^    \["(\w+)"\] = """, RegexOptions.Multiline)]
    private static partial Regex Suite();
}
