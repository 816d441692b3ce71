using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>
/// The published standalone host, run as its container runs it: from an empty folder, by a user without rights, on a root that is
/// read-only but for <c>/tmp</c>. Only root can arrange the read-only root; another user has no rights anyway.
/// </summary>
public static class PublishedHost
{
    private const string User = "1654"; // the images'

    private static readonly Lazy<Task<string>> Folder = new(Publish);

    private static readonly Lazy<JsonNode> Groups = new(() => Manifest.ReadYaml(Repository.Read("helm/todoflow/functions.yaml")).Single()!);

    /// <summary>Starts it on a free port of its own choice.</summary>
    /// <param name="command">The command and its options.</param>
    /// <param name="settings">Settings by their configuration key; it sees no other variable of this process.</param>
    public static async Task<HostProcess> Start(string[] command, IReadOnlyDictionary<string, string> settings) =>
        HostProcess.Start(await Contained("./app/TodoFlow.Host", command), settings);

    /// <summary>What a container of a group is told to load, by the list that the chart has.</summary>
    public static Dictionary<string, string> FunctionsOf(string group) => Groups.Value["groups"]![group]!["functions"]!.AsArray().Concat(Groups.Value["everywhere"]!.AsArray())
        .Select((function, i) => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"AzureFunctionsJobHost:functions:{i}"), function!.GetValue<string>()))
        .ToDictionary();

    /// <summary>A program in the container's place.</summary>
    public static async Task<ProcessStartInfo> Contained(string program, string[] arguments)
    {
        var folder = await Folder.Value;
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("unshare",
            [
                "--mount", "--propagation", "private", "sh", "-euc",
                """
                exec 3<"$1" # held open: it may be below /tmp itself
                mount -t tmpfs -o mode=1777 tmpfs /tmp
                mkdir -p /tmp/empty/app
                mount --no-canonicalize --bind /proc/self/fd/3 /tmp/empty/app
                exec 3<&-
                mount -o remount,bind,ro /tmp/empty/app
                mount -o remount,bind,ro /
                cd /tmp/empty
                user=$2
                shift 2
                exec setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
                """,
                "sh", folder, User, program, .. arguments,
            ])
            : new ProcessStartInfo("sh", ["-euc", "cd \"$(mktemp -d)\"; ln -s \"$1\" app; shift; exec \"$@\"", "sh", folder, program, .. arguments]);
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // as the image says
        return start;
    }

    // ./todoflow test has published it already.
    private static async Task<string> Publish()
    {
        if (Environment.GetEnvironmentVariable("TODOFLOW_TEST_PUBLISHED") is { Length: > 0 } published)
        {
            return published;
        }

        var folder = Repository.PathOf(".todoflow/test/published");
        var publish = await Tool.Run("dotnet",
            ["publish", "host/TodoFlow.Host.csproj", "-c", "Release", "--use-current-runtime", "--no-self-contained", "-p:RunAnalyzers=false", "--disable-build-servers", "-o", folder]);
        Assert.True(publish.ExitCode == 0, publish.Output);
        return folder;
    }
}
