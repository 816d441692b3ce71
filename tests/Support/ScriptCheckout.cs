using System.Diagnostics;

namespace TodoFlow.Tests.Support;

/// <summary>A copy of ./todoflow and its scripts with a state folder of its own, so that a running ./todoflow up of this checkout is left alone.</summary>
public sealed class ScriptCheckout : IDisposable
{
    /// <summary>Makes the copy.</summary>
    /// <param name="name">The name of its folder, which a unique one follows.</param>
    public ScriptCheckout(string name)
    {
        Root = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, $"{name}-{Guid.NewGuid():N}")).FullName;
        Directory.CreateDirectory(Path.Combine(Root, "scripts"));
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("scripts")).Append(Repository.PathOf("todoflow")))
        {
            File.Copy(file, Path.Combine(Root, Path.GetRelativePath(Repository.Root, file)));
        }
    }

    /// <summary>Its folder.</summary>
    public string Root { get; }

    /// <summary>Starts ./todoflow there, with nothing to read and no database of others.</summary>
    public Process Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Root, "todoflow"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ConnectionStrings__TodoFlow");
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Root, recursive: true);
}
