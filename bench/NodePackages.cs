using System.Diagnostics;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench;

/// <summary>Programs of Node that are measured beside TodoFlow, with the packages that their lock files pin: installed once per checkout.</summary>
public static class NodePackages
{
    private static IReadOnlyList<string> Programs { get; } = ["node", "npm"];

    /// <summary>Whether Node and npm are on this machine.</summary>
    public static bool CanRun() => Programs.All(program =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program))));

    /// <summary>Installs the packages of <c>bench/SUITE/twins</c>.</summary>
    /// <returns>The folder that the program and its packages are in.</returns>
    public static async Task<string> Install(string suite)
    {
        var root = Repository.Root;
        var (source, target) = (Path.Combine(root, "bench", suite, "twins"), Path.Combine(root, ".todoflow", "npm", $"bench-{suite}"));
        Directory.CreateDirectory(target);
        var wanted = await File.ReadAllTextAsync(Path.Combine(source, "package-lock.json"));
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        }

        var stamp = Path.Combine(target, "installed");
        if (!File.Exists(stamp) || await File.ReadAllTextAsync(stamp) != wanted)
        {
            await Run(target, "npm", [], "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            await File.WriteAllTextAsync(stamp, wanted);
        }

        return target;
    }

    /// <summary>A database as the clients of Node name it.</summary>
    public static string Url(string connectionString)
    {
        var to = new Npgsql.NpgsqlConnectionStringBuilder(connectionString);
        return $"postgres://{to.Username}:{to.Password}@{to.Host}:{to.Port}/{to.Database}";
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task<string> Run(string folder, string program, IEnumerable<(string Name, string Value)> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {arguments[0]} ended with {process.ExitCode}.");
    }
}
