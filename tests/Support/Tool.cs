using System.Diagnostics;
using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>A program that a test runs to its end.</summary>
public static class Tool
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Why a test that needs a program cannot run here; null where it can. In a pipeline a missing program is a failure, not a skip.</summary>
    public static string? Missing(string program) =>
        Environment.GetEnvironmentVariable("CI") is null
        && !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)))
            ? $"{program} is not on this machine"
            : null;

    /// <summary>Runs it with nothing on its standard input.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> Run(
        string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Repository.Root,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await errors);
    }
}

/// <summary>A test that is skipped where a program is not on the machine.</summary>
public sealed class ToolFactAttribute : FactAttribute
{
    /// <summary>Says why it is skipped, if it is.</summary>
    public ToolFactAttribute(string program) => Skip = Tool.Missing(program);
}
