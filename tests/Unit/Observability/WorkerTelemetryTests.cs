using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using TodoFlow.Functions.Observability;
using TodoFlow.Infrastructure.Observability;
using TodoFlow.Tests.Integration.Observability;
using Xunit;

namespace TodoFlow.Tests.Unit.Observability;

/// <summary>What the Functions host's worker process is set up with, by its settings.</summary>
[Collection(TracedApp.Collection)] // who listens to a source listens to the whole process
public sealed class WorkerTelemetryTests
{
    private const string Capability = "WorkerOpenTelemetryEnabled";

    [Fact]
    public void Where_traces_are_exported_the_worker_exports_its_own_and_logs_to_the_console()
    {
        using var host = Build(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"));
        Assert.Equal("True", host.Services.GetRequiredService<IOptions<WorkerOptions>>().Value.Capabilities[Capability]);
        Assert.Contains(host.Services.GetServices<ILoggerProvider>(), provider => provider is ConsoleLoggerProvider);

        using var worker = new ActivitySource("Microsoft.Azure.Functions.Worker");
        var resource = host.Services.GetRequiredService<TracerProvider>().GetResource();
        Assert.Equal("todoflow", resource.Attributes.Single(attribute => attribute.Key == "service.name").Value);
        using var invocation = worker.StartActivity("Invoke", ActivityKind.Server, new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded));
        Assert.True(invocation!.Recorded);
    }

    [Fact]
    public void Without_exports_nothing_of_the_SDK_is_there_and_the_host_keeps_the_logs()
    {
        using var host = Build();
        Assert.DoesNotContain(Capability, host.Services.GetRequiredService<IOptions<WorkerOptions>>().Value.Capabilities.Keys);
        Assert.Null(host.Services.GetService<TracerProvider>());
        Assert.Null(host.Services.GetService<MeterProvider>());
        Assert.Empty(host.Services.GetServices<ILoggerProvider>());
    }

    [Theory]
    [InlineData("Metrics:Token", "a token of the tests", false, true)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:1", false, true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:1", true, false)]
    public void Each_export_loads_what_it_needs(string setting, string value, bool traces, bool metrics)
    {
        using var host = Build((setting, value));
        Assert.Equal(traces, host.Services.GetService<TracerProvider>() is not null);
        Assert.Equal(metrics, host.Services.GetService<MeterProvider>() is not null);
    }

    private static IHost Build(params (string Name, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.AddWorkerTelemetry();
        builder.Services.AddTodoFlowObservability(builder.Configuration);
        return builder.Build();
    }
}
