using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace TodoFlow.Infrastructure.Observability;

/// <summary>
/// Sends traces and metrics by OTLP, as OpenTelemetry's own environment variables say (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and the
/// rest). Where they name no endpoint, the SDK is not built.
/// </summary>
public sealed class OpenTelemetryExport(IConfiguration configuration, MetricsPage metrics, TimeProvider clock) : BackgroundService
{
    // What gauges show is asked for as often as the SDK reads them, or a little more often.
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(15);

    private OpenTelemetrySdk? _sdk;

    private bool SendsTraces => Sends("TRACES");

    private bool SendsMetrics => Sends("METRICS");

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (!SendsTraces && !SendsMetrics)
        {
            return Task.CompletedTask;
        }

        // ASP.NET Core keeps the attributes of OpenTelemetry's conventions to itself unless it is asked for them, before the server starts.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        _sdk = OpenTelemetrySdk.Create(Configure);
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _sdk?.Dispose(); // sends what it holds
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!SendsMetrics)
        {
            return;
        }

        using var timer = new PeriodicTimer(RefreshEvery, clock);
        try
        {
            do
            {
                await metrics.Refresh(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private void Configure(IOpenTelemetryBuilder builder)
    {
        builder.Services.AddSingleton(configuration); // where the SDK reads the variables
        builder.ConfigureResource(resource => resource
            .Clear()
            .AddService("todoflow", serviceVersion: typeof(OpenTelemetryExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion)
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector()); // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win
        if (SendsTraces)
        {
            builder.WithTracing(traces => traces
                .AddSource("Microsoft.AspNetCore", "Microsoft.Azure.Functions.Worker", "Npgsql", "System.Net.Http", "TodoFlow", "TodoFlow.Host")
                .AddOtlpExporter());
        }

        if (SendsMetrics)
        {
            builder.WithMetrics(meters => meters
                .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http.Connections", "Npgsql", "System.Runtime", "TodoFlow")
                .AddOtlpExporter());
        }
    }

    // OpenTelemetry's specification of environment variables: SDK configuration, OTLP exporter, exporter selection.
    private bool Sends(string signal) =>
        !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)
        && (configuration[$"OTEL_{signal}_EXPORTER"] ?? "otlp") == "otlp"
        && !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]);
}
