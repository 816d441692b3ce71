using System.Collections.Concurrent;
using System.Security.Cryptography;
using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>Programs for tests that come from npm: a folder of the repository with <c>package.json</c> and its lock, installed once.</summary>
public static class NpmPackages
{
    private const string Stamp = ".installed";

    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Installed = new();

    /// <summary>Why tests that need npm cannot run here; null where they can.</summary>
    public static string? Missing { get; } =
        Tool.Missing("npm");

    /// <summary>Copies a folder's files into the private folder of this checkout, with what their lock names beside them.</summary>
    /// <param name="folder">The folder, relative to the repository's root.</param>
    /// <returns>The absolute path of the copy.</returns>
    public static Task<string> Install(string folder) => Installed.GetOrAdd(folder, static name => new(() => InstallOnce(name))).Value;

    private static async Task<string> InstallOnce(string folder)
    {
        var source = Repository.PathOf(folder);
        var target = Repository.PathOf(Path.Combine(".todoflow", "npm", Path.GetFileName(folder)));
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        }

        var locked = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(source, "package-lock.json"))));
        var stamp = Path.Combine(target, Stamp);
        if (!File.Exists(stamp) || await File.ReadAllTextAsync(stamp) != locked)
        {
            var installed = await Tool.Run("npm", ["ci", "--no-audit", "--no-fund", "--prefix", target]);
            Assert.True(installed.ExitCode == 0, installed.Errors);
            await File.WriteAllTextAsync(stamp, locked);
        }

        return target;
    }
}

/// <summary>A test that is skipped where npm is not on the machine.</summary>
public sealed class NpmFactAttribute : FactAttribute
{
    /// <summary>Says why it is skipped, if it is.</summary>
    public NpmFactAttribute() => Skip = NpmPackages.Missing;
}

/// <summary>A theory that is skipped where npm is not on the machine.</summary>
public sealed class NpmTheoryAttribute : TheoryAttribute
{
    /// <summary>Says why it is skipped, if it is.</summary>
    public NpmTheoryAttribute() => Skip = NpmPackages.Missing;
}
