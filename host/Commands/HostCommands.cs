using System.CommandLine;
using System.Data.Common;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Host.Configuration;
using TodoFlow.Messaging.Kafka;

namespace TodoFlow.Host.Commands;

/// <summary>The commands of the executable.</summary>
internal static class HostCommands
{
    /// <summary>Runs the command that the arguments name; <c>serve</c> without one.</summary>
    /// <returns>0; 1 where the command failed, with one line on stderr that says why.</returns>
    public static async Task<int> Run(string[] args)
    {
        var root = new RootCommand(
            $"""
            TodoFlow: a task backend, hosted without Azure. Settings come from the environment: Kafka__Brokers is Kafka:Brokers.

            Where brokers refuse, a warning and /health/ready say why, and these settings are to look at:
            {string.Join('\n', BrokerErrors.Kinds.Select(kind => $"  {kind.Said} ({kind.LookAt})"))}
            """);
        ServeCommand.AddTo(root);
        MigrateCommand.AddTo(root);
        UsersCommand.AddTo(root);
        TokenCommand.AddTo(root);
        SignInCodeCommand.AddTo(root);
        OpenApiCommand.AddTo(root);
        FunctionsCommand.AddTo(root);
        DeadLettersCommand.AddTo(root);
        VapidCommand.AddTo(root);
        SyncEpochCommand.AddTo(root);

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
            return await Fail([error.Message]);
        }
        catch (OptionsValidationException error)
        {
            return await Fail(error.Failures);
        }
        catch (AggregateException error) when (error.InnerExceptions.All(inner => inner is OptionsValidationException)) // of several settings classes
        {
            return await Fail(error.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures));
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return await Fail(["The database lacks a table: bring it up to date with 'migrate'."]);
        }
        catch (DbException error)
        {
            return await Fail([$"The database cannot be used: {error.Message}"]);
        }
        catch (InvalidOperationException error) when (error.InnerException is DbException inner) // so says EF Core of a transient fault
        {
            return await Fail([$"The database cannot be used: {inner.Message}"]);
        }
    }

    private static async Task<int> Fail(IEnumerable<string> reasons)
    {
        await Console.Error.WriteLineAsync(string.Join(' ', reasons).ReplaceLineEndings(" "));
        return 1;
    }
}
