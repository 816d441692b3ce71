using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Web;

/// <summary>The scripts of <c>web/e2e</c> and their tests, as they stand in the files: <c>test('what it shows', …)</c>.</summary>
internal static partial class PageScript
{
    // Shows nothing that the others do not: it takes the pictures of the documentation.
    private const string Pictures = "pictures.mjs";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>The folder that the page is built to.</summary>
    public static string Dist { get; } = Repository.PathOf("web/dist");

    /// <summary>Each script with each of its tests.</summary>
    public static IEnumerable<(string Script, string Test)> Tests =>
        from file in (Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.mjs") : []).Order(StringComparer.Ordinal)
        let script = Path.GetFileName(file)
        where script != Pictures || Environment.GetEnvironmentVariable("TODOFLOW_PICTURES") is not null
        from test in Named().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value) // the others are their modules
        select (script, test);

    /// <summary>Why they cannot run here; null where they can, and in CI, where they fail then.</summary>
    public static string? Missing =>
        Environment.GetEnvironmentVariable("CI") is not null ? null
        : NodeAndNpm.Missing
            ?? (Browser.Program is null ? "Chromium is not on this machine."
                : !File.Exists(Path.Combine(Dist, "index.html")) ? "The page is not built: npm ci && npm run build in web/, or ./todoflow test."
                : !Directory.Exists(Repository.PathOf("web/node_modules/playwright-core")) ? "The page's packages are not installed: npm ci in web/, or ./todoflow test."
                : null);

    private static string Folder => Repository.PathOf("web/e2e");

    /// <summary>Runs scripts to their end, a quarter of an hour at most: in one process, with one browser. Alone on two cores they take about two minutes.</summary>
    /// <param name="scripts">Their names.</param>
    /// <param name="results">The file that their results are written to, in the form of JUnit.</param>
    /// <param name="environment">What they get besides the environment of the tests.</param>
    /// <returns>Its exit code, and what it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> Start(IEnumerable<string> scripts, string results, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(
            "node", ["--test-reporter=junit", $"--test-reporter-destination={results}", "--test-reporter=spec", "--test-reporter-destination=stdout", Path.Combine(Folder, "all.mjs"), .. scripts])
        {
            WorkingDirectory = Repository.PathOf("web"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(Longest);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"The scripts did not end within {Longest}.\n{await output}{await errors}");
        }

        return (process.ExitCode, await output + await errors);
    }

    [GeneratedRegex(@"^test\(\s*(?<quote>['""`])(?<name>(?:(?!\k<quote>).)+)\k<quote>", RegexOptions.Multiline)]
    private static partial Regex Named();
}

/// <summary>What came of the scripts.</summary>
/// <param name="ExitCode">Zero where every test passed.</param>
/// <param name="Output">What they wrote.</param>
/// <param name="Results">Their tests, in the form of JUnit.</param>
public sealed record PageScriptRun(int ExitCode, string Output, XDocument Results)
{
    /// <summary>Fails unless a test passed.</summary>
    /// <param name="test">Its name.</param>
    public void Passed(string test)
    {
        var result = Results.Descendants().FirstOrDefault(element => (string?)element.Attribute("name") == test);
        Assert.True(result is not null, $"The scripts ended before this test, with {ExitCode}:\n{Output}");
        var failed = result.DescendantsAndSelf().Where(element => element.Name.LocalName is "failure" or "error" or "skipped").ToList();
        Assert.True(failed.Count == 0, string.Join("\n\n", failed.Select(element => $"{element.Name}: {(string?)element.Attribute("message")}\n{element.Value}")));
    }
}

/// <summary>A test of the page in Chromium: skipped where the page, Node or Chromium are missing, but for CI, where it fails then.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PageTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for all of them.</summary>
    public PageTheoryAttribute() => Skip = PageScript.Missing;
}
