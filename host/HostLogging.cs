using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Console;
using TodoFlow.Observability;

namespace TodoFlow.Host;

/// <summary>Logs to the console: one line of text each at a terminal, one JSON object each elsewhere (<c>Logging:Format</c>: text or json).</summary>
internal static class HostLogging
{
    /// <summary>Sets logging up; <c>Logging:LogLevel</c> changes the levels.</summary>
    /// <exception cref="HostStartException">The format is unknown.</exception>
    public static void Configure(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging
            .AddTodoFlowLogging(configuration)
            .AddFilter<ConsoleLoggerProvider>("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None); // a rule for the console alone would win
        switch (configuration["Logging:Format"] is { Length: > 0 } chosen ? chosen : Console.IsOutputRedirected ? "json" : "text")
        {
            case "json":
                logging.AddJsonConsole(options =>
                {
                    options.IncludeScopes = true;
                    options.UseUtcTimestamp = true;
                    options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";
                    options.JsonWriterOptions = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // read by no browser
                });
                break;
            case "text":
                logging.AddSimpleConsole(options =>
                {
                    options.IncludeScopes = true;
                    options.SingleLine = true;
                    options.TimestampFormat = "HH:mm:ss.fff ";
                });
                break;
            case var other:
                throw new HostStartException($"The setting 'Logging:Format' is '{other}'; it must be 'text' or 'json'.");
        }
    }
}
