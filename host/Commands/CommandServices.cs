using Microsoft.Extensions.Logging.Console;
using TodoFlow.Functions;

namespace TodoFlow.Host.Commands;

/// <summary>What a command that does one thing and ends works with: the functions' services without their triggers.</summary>
internal static class CommandServices
{
    /// <summary>Builds the services from the same settings as the host's. Warnings go to stderr: stdout is the command's own.</summary>
    public static ServiceProvider Build()
    {
        var configuration = new ConfigurationManager();
        HostConfiguration.AddSources(configuration, new HostApplicationOptions());
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddLogging(logging => logging
                .SetMinimumLevel(LogLevel.Warning)
                .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
                .AddFilter<ConsoleLoggerProvider>("Microsoft.EntityFrameworkCore", LogLevel.None)) // a failure is the command's line
            .AddTodoFlowFunctions(configuration)
            .BuildServiceProvider();
    }
}
