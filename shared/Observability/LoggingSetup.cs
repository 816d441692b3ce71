using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace TodoFlow.Observability;

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
            // Whoever probes is told; one that waits for the database would fill the log.
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
            // A failed start is one line of the command's, not a stack trace.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
            .AddConfiguration(configuration.GetSection("Logging"))
            // Its lines hold the address with its query, and that the token of a WebSocket: no setting lets it speak.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
    }
}
