using System.CommandLine;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Discovery;

namespace TodoFlow.Host.Commands;

/// <summary><c>functions</c>: prints the functions by group, for <c>helm/todoflow/functions.yaml</c>.</summary>
internal static class FunctionsCommand
{
    /// <summary>Adds the command.</summary>
    public static void AddTo(RootCommand root)
    {
        var command = new Command("functions", "Prints the functions by the group that they are deployed and scaled in.");
        command.SetAction(_ => Print());
        root.Subcommands.Add(command);
    }

    private static void Print()
    {
        var options = new HostApplicationOptions { Settings = { ["Events:Transport"] = "postgres" } }; // no broker need be named
        var configuration = new ConfigurationManager();
        HostConfiguration.AddSources(configuration, options);
        var catalog = FunctionCatalog.Discover(options.FunctionTypes, HostSettings.Read(configuration), configuration);
        Console.Out.Write(FunctionGroups.ToYaml(catalog, configuration["Kafka:GroupPrefix"]!));
    }
}
