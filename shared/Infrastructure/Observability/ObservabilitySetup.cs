using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Observability;

/// <summary>Registers what shows the process from outside: metrics and traces, by OpenTelemetry's SDK.</summary>
public static class ObservabilitySetup
{
    // Several measurements for each command, of things that nobody looks at.
    private static readonly string[] LeftOut =
        ["db.client.operation.npgsql.bytes_read", "db.client.operation.npgsql.bytes_written", "db.client.operation.npgsql.executing"];

    /// <summary>Registers it. Without a setting that asks for an export nothing of the SDK is loaded.</summary>
    public static IServiceCollection AddTodoFlowObservability(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddMetrics();
        services.AddSettings<MetricsSettings>(configuration);
        services.AddSingleton<MetricsScrape>();
        services.AddHostedService<TraceIds>();
        var exports = TelemetryExports.Read(configuration);
        if (exports.Traces || exports.AnyMetrics)
        {
            AddOpenTelemetry(services, exports);
        }

        return services;
    }

    private static void AddOpenTelemetry(IServiceCollection services, TelemetryExports exports)
    {
        var builder = services.AddOpenTelemetry().ConfigureResource(resource => resource
            .AddService("todoflow", serviceVersion: typeof(ObservabilitySetup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion)
            .AddEnvironmentVariableDetector()); // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win
        if (exports.Traces)
        {
            // ASP.NET Core keeps the attributes of OpenTelemetry's conventions to itself unless it is asked for them, before the server starts.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
            builder.WithTracing(traces => traces
                .AddSource("Microsoft.AspNetCore", "Microsoft.Azure.Functions.Worker", "Npgsql", "System.Net.Http", "TodoFlow", "Experimental.ModelContextProtocol", "TodoFlow.Assistant", TraceIds.HostSource)
                .AddOtlpExporter());
        }

        if (exports.AnyMetrics)
        {
            services.AddMetrics(Subscribe);
            builder.WithMetrics(metrics =>
            {
                if (exports.Metrics)
                {
                    metrics.AddOtlpExporter();
                }

                if (exports.Prometheus)
                {
                    metrics.AddPrometheusExporter(options =>
                    {
                        options.ScopeInfoEnabled = false; // no two meters have an instrument of one name
                        options.ScrapeResponseCacheDurationMilliseconds = 0;
                    });
                }
            });
        }
    }

    // Not by AddMeter, which would listen to the other hosts of this process, too: a test runs several.
    private static void Subscribe(IMetricsBuilder metrics)
    {
        foreach (var meter in new[] { "TodoFlow", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http.Connections" })
        {
            metrics.EnableMetrics(meter, instrumentName: null, listenerName: null, MeterScope.Local);
        }

        foreach (var meter in new[] { "Npgsql", "System.Runtime", "TodoFlow.Assistant" }) // of the process
        {
            metrics.EnableMetrics(meter, instrumentName: null, listenerName: null, MeterScope.Global);
        }

        foreach (var instrument in LeftOut)
        {
            metrics.DisableMetrics("Npgsql", instrument, listenerName: null, MeterScope.Global);
        }
    }
}
