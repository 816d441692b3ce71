using System.CommandLine;
using Microsoft.Extensions.Options;

namespace TodoFlow.Host.Commands;

/// <summary>The commands of the executable.</summary>
internal static class HostCommands
{
    /// <summary>Runs the command that the arguments name; <c>serve</c> without one.</summary>
    /// <returns>0; 1 where the command failed, with one line on stderr that says why.</returns>
    public static async Task<int> Run(string[] args)
    {
        var root = new RootCommand("TodoFlow: a task backend, hosted without Azure.");
        ServeCommand.AddTo(root);

        try
        {
            // Signals belong to the host: it finishes what is in flight.
            return await root.Parse(args).InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (HostStartException error)
        {
            await Console.Error.WriteLineAsync(error.Message.ReplaceLineEndings(" "));
            return 1;
        }
        catch (OptionsValidationException error)
        {
            await Console.Error.WriteLineAsync(string.Join(' ', error.Failures).ReplaceLineEndings(" "));
            return 1;
        }
    }
}
