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
            .Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId)
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

        switch (configuration["Logging:Format"] ?? (Console.IsOutputRedirected ? "json" : "text"))
        {
            case "json":
                logging.AddJsonConsole(options =>
                {
                    options.IncludeScopes = true;
                    options.TimestampFormat = "O";
                    options.UseUtcTimestamp = true;
                });
                break;
            case "text":
                logging.AddSimpleConsole(options =>
                {
                    options.SingleLine = true;
                    options.TimestampFormat = "HH:mm:ss.fff ";
                    options.ColorBehavior = Console.IsOutputRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
                });
                break;
            case var other:
                throw new HostStartException($"The setting 'Logging:Format' is '{other}'; it must be 'text' or 'json'.");
        }
    }
}
