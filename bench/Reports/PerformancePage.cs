using System.Text.Json;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Reports;

/// <summary>
/// What a suite leaves behind: its tables in <c>docs/performance.md</c>, between <c>&lt;!-- bench:NAME --&gt;</c> and
/// <c>&lt;!-- /bench:NAME --&gt;</c>, and its figures and its picture in <c>docs/performance/</c>.
/// </summary>
/// <param name="suite">The suite's name.</param>
/// <param name="machine">What it ran on.</param>
/// <param name="command">What ran it.</param>
/// <param name="root">The checkout.</param>
public sealed class PerformancePage(string suite, Machine machine, string command, string root)
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The page of this checkout.</summary>
    public PerformancePage(string suite, Machine machine, string command) : this(suite, machine, command, Repository.Root)
    {
    }

    /// <summary>Prints the tables; where they are whole, writes everything into the documentation.</summary>
    /// <exception cref="InvalidOperationException">The documentation has no place for the suite.</exception>
    public async Task Publish(string tables, string picture, object figures, bool isWhole)
    {
        var text = $"`{command}` on {machine}\n\n{tables.TrimEnd()}\n";
        Console.WriteLine();
        Console.WriteLine(text);
        if (!isWhole)
        {
            Console.WriteLine("Not the whole suite at its full length: docs/performance.md stays as it is.");
            return;
        }

        await Replace(Path.Combine(root, "docs", "performance.md"), $"{text}\n![{suite}](performance/{suite}.svg)\n");
        var folder = Directory.CreateDirectory(Path.Combine(root, "docs", "performance")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, $"{suite}.svg"), picture);
        await File.WriteAllTextAsync(
            Path.Combine(folder, $"{suite}.json"), JsonSerializer.Serialize(new { Suite = suite, Command = command, Machine = machine, Figures = figures }, Readable) + "\n");
    }

    private async Task Replace(string page, string text)
    {
        var (begin, end) = ($"<!-- bench:{suite} -->\n", $"<!-- /bench:{suite} -->");
        var whole = await File.ReadAllTextAsync(page);
        var (from, to) = (whole.IndexOf(begin, StringComparison.Ordinal), whole.IndexOf(end, StringComparison.Ordinal));
        if (from < 0 || to < from)
        {
            throw new InvalidOperationException($"{page} has no place for {suite}: {begin.Trim()} and {end}.");
        }

        await File.WriteAllTextAsync(page, $"{whole[..(from + begin.Length)]}\n{text}\n{whole[to..]}");
    }
}
