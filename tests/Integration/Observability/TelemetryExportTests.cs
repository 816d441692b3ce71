using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Observability;

/// <summary>What a collector receives from a host whose settings name it.</summary>
[Collection(TracedApp.Collection)]
public sealed class TelemetryExportTests : IAsyncLifetime
{
    private OtlpReceiver _receiver = null!;
    private TracedApp? _app;

    public async Task InitializeAsync() => _receiver = await OtlpReceiver.Start();

    public async Task DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        await _receiver.DisposeAsync();
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("kafka")]
    public async Task One_trace_leads_from_the_request_to_the_effect_in_the_consumer(string transport)
    {
        using var kafka = transport == "kafka" ? await TracedApp.StartKafka() : null;
        _app = new TracedApp(_receiver.Endpoint, kafka?.Brokers);
        await _app.InitializeAsync();
        using var alice = await _app.SignUp();

        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        (await alice.Post("/api/tasks", new { title = "traced" }, ("traceparent", $"00-{Trace}-00f067aa0ba902b7-01"))).Is(201);

        var spans = (await _receiver.Until(spans => spans.Any(span => span.TraceId == Trace && IsAudit(span))
                && spans.Any(span => span.TraceId == Trace && span.Kind == OtlpReceiver.Server)))
            .Where(span => span.TraceId == Trace).ToList();
        var request = Assert.Single(spans, span => span.Kind == OtlpReceiver.Server);
        Assert.Equal("00f067aa0ba902b7", request.ParentId);
        Assert.Equal("todoflow", request.Service);
        Assert.Equal("POST api/tasks", request.Name);
        Assert.Equal("api/tasks", request.Attributes["http.route"]);
        Assert.Equal("201", request.Attributes["http.response.status_code"]);

        var created = Assert.Single(spans, span => span.Name == "create task-events");
        Assert.Equal((request.Id, OtlpReceiver.Producer), (created.ParentId, created.Kind));
        var sent = Assert.Single(spans, span => span.Name == "send task-events");
        Assert.Equal((created.Id, OtlpReceiver.Producer), (sent.ParentId, sent.Kind));
        Assert.Equal(transport == "kafka" ? "kafka" : "postgresql", sent.Attributes["messaging.system"]);
        var processed = Assert.Single(spans, IsAudit);
        Assert.Equal((created.Id, OtlpReceiver.Consumer), (processed.ParentId, processed.Kind));
        Assert.Equal("task.created.v1", processed.Attributes["cloudevents.event_type"]);
        Assert.Equal(created.Attributes["messaging.message.id"], processed.Attributes["messaging.message.id"]);

        // The statements of the request are in it, by the driver's own source, without what they were given.
        var statement = Assert.Single(spans, span => span.Scope == "Npgsql" && span.ParentId == request.Id && span.Attributes.GetValueOrDefault("db.query.text", "").Contains("INSERT INTO task_item", StringComparison.OrdinalIgnoreCase));
        Assert.Equal("postgresql", statement.Attributes["db.system.name"]);
        Assert.DoesNotContain("traced", string.Join(' ', spans.SelectMany(span => span.Attributes.Values)).Replace(Trace, "", StringComparison.Ordinal), StringComparison.Ordinal);

        static bool IsAudit(OtlpReceiver.Span span) =>
            span.Name == "process task-events" && span.Attributes["messaging.consumer.group.name"] == "todoflow-audit";
    }

    [Fact]
    public async Task Metrics_are_sent_too_those_that_are_asked_for_elsewhere_included()
    {
        _app = new TracedApp(_receiver.Endpoint, null) { More = { ["OTEL_METRIC_EXPORT_INTERVAL"] = "100", ["OTEL_TRACES_EXPORTER"] = "none" } };
        await _app.InitializeAsync();

        await _receiver.UntilMeasured(metrics => metrics.Any(metric => metric.Metric == "todoflow.outbox.age"));
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    [InlineData("OTEL_TRACES_EXPORTER", "none")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    public async Task Nothing_is_sent_where_the_settings_say_so(string setting, string value)
    {
        _app = new TracedApp(_receiver.Endpoint, null) { More = { [setting] = value } };
        await _app.InitializeAsync();
        using var alice = await _app.SignUp();
        const string Trace = "11f92f3577b34da6a3ce929d0e0e4736";
        (await alice.Post("/api/tasks", new { title = "untraced" }, ("traceparent", $"00-{Trace}-00f067aa0ba902b7-01"))).Is(201);
        await _app.StopHost(); // whatever were to be sent would be by now

        Assert.DoesNotContain(await _receiver.Until(_ => true), span => span.TraceId == Trace);
    }
}
