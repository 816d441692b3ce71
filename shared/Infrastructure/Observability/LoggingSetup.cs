using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace TodoFlow.Infrastructure.Observability;

/// <summary>What is logged, the same in both hosts. What the Functions host logs itself is in <c>host.json</c>.</summary>
public static class LoggingSetup
{
    /// <summary>Sets the levels; <c>Logging:LogLevel</c> changes them. Every line gets its trace and correlation id.</summary>
    public static ILoggingBuilder AddTodoFlowLogging(this ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.Services.Replace(ServiceDescriptor.Singleton<IExternalScopeProvider, LogScope>());
        return logging
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("System", LogLevel.Warning)
            // It would log every statement.
            .AddFilter("Npgsql", LogLevel.Warning)
            // It would log every request; what fails is in the response, or logged by the tools.
            .AddFilter("ModelContextProtocol", LogLevel.Warning)
            // What fails there is an exception, and whoever catches it knows whether it is an error.
            .AddFilter("Microsoft.EntityFrameworkCore.Database", LogLevel.None)
            .AddFilter("Microsoft.EntityFrameworkCore.Update", LogLevel.None)
            // Whoever probes is told; one that waits for the database would fill the log.
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
            // A failed start is one line of the command's, not a stack trace.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
            .AddConfiguration(configuration.GetSection("Logging"))
            // Its lines hold the address with its query, and that the token of a WebSocket: no setting lets it speak.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            .AddFilter<ConsoleLoggerProvider>("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None); // a rule for the console alone would win
    }

    /// <summary>Logs to the console: one JSON object each line, or one line of text.</summary>
    public static ILoggingBuilder AddTodoFlowConsole(this ILoggingBuilder logging, bool asJson) => asJson
        ? logging.AddJsonConsole(options =>
        {
            options.IncludeScopes = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";
            options.JsonWriterOptions = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // read by no browser
        })
        : logging.AddSimpleConsole(options =>
        {
            options.IncludeScopes = true;
            options.SingleLine = true;
            options.TimestampFormat = "HH:mm:ss.fff ";
        });
}
