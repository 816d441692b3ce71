using System.Text.Json;

namespace TodoFlow.Bench.Reports;

/// <summary>
/// What a suite leaves behind: its tables in <c>docs/performance.md</c>, between <c>&lt;!-- bench:NAME --&gt;</c> and
/// <c>&lt;!-- /bench:NAME --&gt;</c>, and its figures and its picture in <c>docs/performance/</c>.
/// </summary>
public sealed class PerformancePage(string suite, Machine machine, string command)
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Prints the tables; where they are whole, writes everything into the documentation.</summary>
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

        var root = Root();
        var folder = Directory.CreateDirectory(Path.Combine(root, "docs", "performance")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, $"{suite}.svg"), picture);
        await File.WriteAllTextAsync(
            Path.Combine(folder, $"{suite}.json"), JsonSerializer.Serialize(new { Suite = suite, Command = command, Machine = machine, Figures = figures }, Readable) + "\n");
        await Replace(Path.Combine(root, "docs", "performance.md"), $"{text}\n![{suite}](performance/{suite}.svg)\n");
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

    /// <summary>The root of the checkout.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TodoFlow.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The benchmark does not run inside a checkout.");
    }
}
