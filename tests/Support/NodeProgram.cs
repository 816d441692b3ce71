using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>
/// A program of the tests that runs under Node, with the packages of npm that its lock file pins. They are installed once per
/// checkout, under <c>.todoflow/npm</c>.
/// </summary>
public static class NodeProgram
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Installed = new();

    /// <summary>Starts a script; its standard input and output are the caller's. Fails the test where its packages cannot be installed.</summary>
    /// <param name="folder">The folder of the script and its <c>package.json</c>, from the repository's root.</param>
    /// <param name="script">The script in it.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<Process> Start(string folder, string script, params string[] arguments)
    {
        var installed = await Install(folder);
        return Process.Start(new ProcessStartInfo("node", [Path.Combine(installed, script), .. arguments])
        {
            WorkingDirectory = installed,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    /// <summary>Runs a script to its end.</summary>
    /// <returns>What it wrote to its standard output.</returns>
    public static async Task<string> Run(string folder, string script, string input, params string[] arguments)
    {
        using var process = await Start(folder, script, arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        Assert.True(process.ExitCode == 0, $"{script} exited with {process.ExitCode}: {await errors}");
        return await output;
    }

    /// <summary>Installs the packages that a folder's lock file pins; its files are copied beside them, where Node looks for these.</summary>
    /// <returns>The absolute path of the copy.</returns>
    public static Task<string> Install(string folder) => Installed.GetOrAdd(folder, _ => new(() => InstallOnce(folder))).Value;

    private static async Task<string> InstallOnce(string folder)
    {
        var source = Repository.PathOf(folder);
        var target = Directory.CreateDirectory(Repository.PathOf(Path.Combine(".todoflow", "npm", folder.Replace('/', '-')))).FullName;
        var wanted = await File.ReadAllTextAsync(Path.Combine(source, "package-lock.json"));
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        }

        var stamp = Path.Combine(target, "installed");
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted)
        {
            return target;
        }

        using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = target,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
        await npm.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        Assert.True(npm.ExitCode == 0, $"npm cannot install the packages of {folder}: {await output}{await errors}");
        await File.WriteAllTextAsync(stamp, wanted);
        return target;
    }
}

/// <summary>A test that needs Node and npm: skipped where they are missing, except in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    /// <summary>Looks for both.</summary>
    public NodeFactAttribute() => Skip = NodeAndNpm.Missing;
}

/// <summary>As <see cref="NodeFactAttribute"/>, for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for both.</summary>
    public NodeTheoryAttribute() => Skip = NodeAndNpm.Missing;
}

/// <summary>Whether this machine has Node and npm.</summary>
internal static class NodeAndNpm
{
    /// <summary>Why a test is skipped; null where it is not.</summary>
    public static string? Missing { get; } = (!IsInPath("node") || !IsInPath("npm")) && Environment.GetEnvironmentVariable("CI") is null
        ? "Node and npm are not on this machine."
        : null;

    private static bool IsInPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
