using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TodoFlow.Infrastructure.Observability;

namespace TodoFlow.Functions.Observability;

/// <summary>What the Functions host's worker process adds to the telemetry of both hosts.</summary>
public static class WorkerTelemetry
{
    /// <summary>
    /// Sets up logging. Where traces are exported the worker also exports its invocations, below the spans of the Functions host
    /// (<c>telemetryMode</c> in host.json). The host does not show the worker's logs any more then: they go to the console.
    /// Register it before the functions: their name of the service wins.
    /// </summary>
    public static void AddWorkerTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddTodoFlowLogging(builder.Configuration);
        if (TelemetryExports.Read(builder.Configuration).Traces)
        {
            builder.Services.AddOpenTelemetry().UseFunctionsWorkerDefaults();
            builder.Logging.AddTodoFlowConsole(asJson: true);
        }
    }
}
