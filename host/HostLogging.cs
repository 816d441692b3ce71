using TodoFlow.Host.Configuration;
using TodoFlow.Infrastructure.Observability;

namespace TodoFlow.Host;

/// <summary>Logs to the console: one line of text each at a terminal, one JSON object each elsewhere (<c>Logging:Format</c>: text or json).</summary>
internal static class HostLogging
{
    /// <summary>Sets logging up; <c>Logging:LogLevel</c> changes the levels.</summary>
    /// <exception cref="HostStartException">The format is unknown.</exception>
    public static void Configure(ILoggingBuilder logging, IConfiguration configuration) =>
        logging.AddTodoFlowLogging(configuration).AddTodoFlowConsole(
            (configuration["Logging:Format"] is { Length: > 0 } chosen ? chosen : Console.IsOutputRedirected ? "json" : "text") switch
            {
                "json" => true,
                "text" => false,
                var other => throw new HostStartException($"The setting 'Logging:Format' is '{other}'; it must be 'text' or 'json'."),
            });
}
