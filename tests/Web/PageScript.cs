using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Web;

/// <summary>The scripts of <c>web/e2e</c> and their tests, as they stand in the files: <c>test('what it shows', …)</c>.</summary>
internal static partial class PageScript
{
    /// <summary>Stands for all tests of a script, those included whose names are made while it runs.</summary>
    public const string Whole = "the whole script";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>The folder that the page is built to.</summary>
    public static string Dist { get; } = Repository.PathOf("web/dist");

    /// <summary>Each script with each of its tests.</summary>
    public static IEnumerable<(string Script, string Test)> Tests =>
        from file in (Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.mjs") : []).Order(StringComparer.Ordinal)
        let text = File.ReadAllText(file)
        where NodeTest().IsMatch(text) // others are their modules
        from test in Named().Matches(text).Select(match => match.Groups["name"].Value).Append(Whole)
        select (Path.GetFileName(file), test);

    /// <summary>Why they cannot run here; null where they can, and in CI, where they fail then.</summary>
    public static string? Missing =>
        Environment.GetEnvironmentVariable("CI") is not null ? null
        : NodeAndNpm.Missing
            ?? (Browser.Program is null ? "Chromium is not on this machine."
                : !File.Exists(Path.Combine(Dist, "index.html")) ? "The page is not built: npm ci && npm run build in web/, or ./todoflow test."
                : !Directory.Exists(Repository.PathOf("web/node_modules/playwright-core")) ? "The page's packages are not installed: npm ci in web/, or ./todoflow test."
                : null);

    private static string Folder => Repository.PathOf("web/e2e");

    /// <summary>Runs a script to its end, five minutes at most.</summary>
    /// <param name="script">Its name.</param>
    /// <param name="results">The file that its results are written to, in the form of JUnit.</param>
    /// <param name="environment">What it gets besides the environment of the tests.</param>
    /// <returns>Its exit code, and what it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> Start(string script, string results, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(
            "node", ["--test-reporter=junit", $"--test-reporter-destination={results}", "--test-reporter=spec", "--test-reporter-destination=stdout", Path.Combine(Folder, script)])
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
            return (-1, $"{script} did not end within {Longest}.\n{await output}{await errors}");
        }

        return (process.ExitCode, await output + await errors);
    }

    [GeneratedRegex("from ['\"]node:test['\"]")]
    private static partial Regex NodeTest();

    [GeneratedRegex(@"^test\(\s*(?<quote>['""`])(?<name>(?:(?!\k<quote>).)+)\k<quote>", RegexOptions.Multiline)]
    private static partial Regex Named();
}

/// <summary>What came of a script.</summary>
/// <param name="ExitCode">Zero where every test passed.</param>
/// <param name="Output">What it wrote.</param>
/// <param name="Results">Its tests, in the form of JUnit.</param>
public sealed record PageScriptRun(int ExitCode, string Output, XDocument Results)
{
    /// <summary>Fails unless a test passed.</summary>
    /// <param name="test">Its name, or that of all.</param>
    public void Passed(string test)
    {
        if (test == PageScript.Whole)
        {
            Assert.True(ExitCode == 0, Output);
            return;
        }

        var result = Results.Descendants().FirstOrDefault(element => (string?)element.Attribute("name") == test);
        Assert.True(result is not null, $"The script ended before this test, with {ExitCode}:\n{Output}");
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
