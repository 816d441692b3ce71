using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>Chromium, driven by the scripts of <c>tests/Support/Browser</c> under Node.</summary>
public static class Browser
{
    private const string Folder = "tests/Support/Browser";

    /// <summary>Chromium's program; null where this machine has none.</summary>
    public static string? Program { get; } = new[] { "chromium", "chromium-browser", "google-chrome" }
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Runs a script to its end.</summary>
    /// <returns>What it wrote to its standard output.</returns>
    public static Task<string> Run(string script, params string[] arguments) => NodeProgram.Run(Folder, script, "", [Program!, .. arguments]);
}

/// <summary>A test that needs Chromium, besides Node and npm: skipped where one of them is missing, but for CI, where it fails then.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    /// <summary>Looks for all of them.</summary>
    public BrowserFactAttribute() => Skip = NodeAndNpm.Missing
        ?? (Browser.Program is null && Environment.GetEnvironmentVariable("CI") is null ? "Chromium is not on this machine." : null);
}
