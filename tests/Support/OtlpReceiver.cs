using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace TodoFlow.Tests.Support;

/// <summary>A collector of traces and metrics of a test's own: takes OTLP over HTTP in protobuf, as the OpenTelemetry Collector does.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<IReadOnlyList<Span>> _exports = Channel.CreateUnbounded<IReadOnlyList<Span>>();
    private readonly List<Span> _taken = [];
    private readonly Channel<IReadOnlyList<Measured>> _metrics = Channel.CreateUnbounded<IReadOnlyList<Measured>>();
    private readonly ConcurrentQueue<string> _bodies = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>Where it listens: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string Endpoint => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>The protocol's number of a kind of spans.</summary>
    public const int Internal = 1, Server = 2, Client = 3, Producer = 4, Consumer = 5;

    /// <summary>The protocol's number of a failed span's status.</summary>
    public const int Error = 2;

    /// <summary>A finished span. Ids are lower-case hex; kind and status are the protocol's numbers.</summary>
    public sealed record Span(
        string TraceId, string Id, string ParentId, string Name, int Kind, int Status, string Scope, string Service, IReadOnlyDictionary<string, string> Attributes);

    /// <summary>What a metric measured so far for one set of attributes: of a histogram the number of its values and their sum, otherwise its value.</summary>
    public sealed record Measured(string Metric, string Unit, ulong Count, double Value, IReadOnlyDictionary<string, string> Attributes);

    /// <summary>All that came, as text: what a user wrote must not be in it.</summary>
    public string Received => string.Concat(_bodies);

    /// <summary>Starts one on a free port.</summary>
    public static async Task<OtlpReceiver> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/traces", receiver.TakeTraces);
        app.MapPost("/v1/metrics", receiver.TakeMetrics);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until spans are there that satisfy the test; gives every span that has come. Fails when they do not come.</summary>
    public async Task<IReadOnlyList<Span>> Until(Func<IReadOnlyList<Span>, bool> enough)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!enough(_taken))
        {
            try
            {
                _taken.AddRange(await _exports.Reader.ReadAsync(patience.Token));
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Of the spans that were expected these came: {string.Join("; ", _taken.Select(span => $"{span.TraceId} {span.Name}").TakeLast(100))}");
            }
        }

        return _taken;
    }

    /// <summary>Waits for an export of metrics that satisfies the test; gives what is in it. Fails when none comes.</summary>
    public async Task<IReadOnlyList<Measured>> UntilMeasured(Func<IReadOnlyList<Measured>, bool> enough)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var export = await _metrics.Reader.ReadAsync(patience.Token);
            if (enough(export))
            {
                return export;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task TakeTraces(HttpContext http)
    {
        var spans = new List<Span>();
        // opentelemetry/proto/trace/v1/trace.proto: ResourceSpans 1, ScopeSpans 2, Span 2.
        foreach (var ofResource in (await Body(http)).Messages(1))
        {
            var service = Attributes(ofResource.Message(1), 1).GetValueOrDefault("service.name", "");
            foreach (var ofScope in ofResource.Messages(2))
            {
                var scope = ofScope.Message(1).Text(1);
                foreach (var span in ofScope.Messages(2))
                {
                    spans.Add(new Span(
                        span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), (int)span.Number(6), (int)span.Message(15).Number(3), scope, service, Attributes(span, 9)));
                }
            }
        }

        // As a whole: it is grouped by scope, so that a parent may stand in it before the child that ended first.
        _exports.Writer.TryWrite(spans);
    }

    private async Task TakeMetrics(HttpContext http)
    {
        // opentelemetry/proto/metrics/v1/metrics.proto: ResourceMetrics 1, ScopeMetrics 2, Metric 2; its gauge 5, sum 7 and histogram 9.
        _metrics.Writer.TryWrite([.. (await Body(http)).Messages(1).SelectMany(resource => resource.Messages(2)).SelectMany(scope => scope.Messages(2)).SelectMany(metric =>
            metric.Message(5).Messages(1).Concat(metric.Message(7).Messages(1))
                .Select(point => new Measured(metric.Text(1), metric.Text(3), 1, point.Has(4) ? point.Double(4) : point.Number(6), Attributes(point, 7)))
                .Concat(metric.Message(9).Messages(1)
                    .Select(point => new Measured(metric.Text(1), metric.Text(3), point.Number(4), point.Double(5), Attributes(point, 9)))))]);
    }

    private async Task<Protobuf> Body(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        _bodies.Enqueue(Encoding.UTF8.GetString(body.ToArray()));
        return Protobuf.Read(body.ToArray());
    }

    private static Dictionary<string, string> Attributes(Protobuf message, int field) => message.Messages(field).ToDictionary(pair => pair.Text(1), pair => Text(pair.Message(2)));

    // opentelemetry/proto/common/v1/common.proto, AnyValue.
    private static string Text(Protobuf value) =>
        value.Has(1) ? value.Text(1)
        : value.Has(2) ? value.Number(2) == 0 ? "false" : "true"
        : value.Has(4) ? value.Double(4).ToString(CultureInfo.InvariantCulture)
        : value.Has(5) ? $"[{string.Join(", ", value.Message(5).Messages(1).Select(Text))}]"
        : $"{value.Number(3)}";
}
