using Microsoft.Extensions.Configuration;

namespace TodoFlow.Infrastructure.Observability;

/// <summary>What leaves this process, as the settings say. What nobody reads is not measured, and its libraries are not loaded.</summary>
/// <param name="Traces">Whether traces are sent by OTLP.</param>
/// <param name="Metrics">Whether metrics are sent by OTLP.</param>
/// <param name="Prometheus">Whether metrics are served at <c>GET /metrics</c>.</param>
public sealed record TelemetryExports(bool Traces, bool Metrics, bool Prometheus)
{
    /// <summary>Whether anybody reads metrics.</summary>
    public bool AnyMetrics => Metrics || Prometheus;

    /// <summary>Reads OpenTelemetry's environment variables (SDK configuration, OTLP exporter, exporter selection) and <c>Metrics</c>.</summary>
    public static TelemetryExports Read(IConfiguration configuration) => new(
        IsSent(configuration, "TRACES"),
        IsSent(configuration, "METRICS"),
        !string.IsNullOrEmpty(configuration["Metrics:Url"]) || !string.IsNullOrEmpty(configuration["Metrics:Token"]));

    private static bool IsSent(IConfiguration configuration, string signal) =>
        !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)
        && (configuration[$"OTEL_{signal}_EXPORTER"] ?? "otlp") == "otlp"
        && !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]);
}
