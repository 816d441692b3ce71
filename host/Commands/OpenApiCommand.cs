using System.CommandLine;
using TodoFlow.Functions.OpenApi;

namespace TodoFlow.Host.Commands;

/// <summary><c>openapi</c>: prints the OpenAPI document, for <c>docs/openapi.json</c> and for generators of clients.</summary>
internal static class OpenApiCommand
{
    /// <summary>Adds the command.</summary>
    public static void AddTo(RootCommand root)
    {
        var command = new Command("openapi", "Prints the OpenAPI document of the HTTP functions.");
        command.SetAction(async (_, ct) =>
        {
            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(ApiDescription.Utf8, ct);
        });
        root.Subcommands.Add(command);
    }
}
