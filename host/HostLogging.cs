using Microsoft.Extensions.Logging.Console;

namespace TodoFlow.Host;

/// <summary>Logs to the console: one line of text each at a terminal, one JSON object each elsewhere (<c>Logging:Format</c>: text or json).</summary>
internal static class HostLogging
{
    /// <summary>Sets logging up; <c>Logging:LogLevel</c> changes the levels.</summary>
    /// <exception cref="HostStartException">The format is unknown.</exception>
    public static void Configure(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging
            // The formatters write the trace themselves: a scope would be made for every line, whether anything is written or not.
            .Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.None)
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("System", LogLevel.Warning)
            // It would log every statement.
            .AddFilter("Npgsql", LogLevel.Warning)
            // A failed start is one line of the command's, not a stack trace.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
            .AddConfiguration(configuration.GetSection("Logging"))
            // Its lines hold the address with its query, and that the token of a WebSocket: no setting lets it speak.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            .AddFilter<ConsoleLoggerProvider>("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);

        var format = (configuration["Logging:Format"] is { Length: > 0 } chosen ? chosen : Console.IsOutputRedirected ? "json" : "text") switch
        {
            "json" => JsonLineFormatter.FormatterName,
            "text" => TextLineFormatter.FormatterName,
            var other => throw new HostStartException($"The setting 'Logging:Format' is '{other}'; it must be 'text' or 'json'."),
        };
        logging.AddConsole(options => options.FormatterName = format);
        logging.AddConsoleFormatter<JsonLineFormatter, ConsoleFormatterOptions>();
        logging.AddConsoleFormatter<TextLineFormatter, ConsoleFormatterOptions>();
    }
}
