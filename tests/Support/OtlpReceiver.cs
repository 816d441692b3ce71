using System.Threading.Channels;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace TodoFlow.Tests.Support;

/// <summary>A collector of traces of a test's own: takes OTLP over HTTP in protobuf, as the OpenTelemetry Collector does.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<IReadOnlyList<Span>> _exports = Channel.CreateUnbounded<IReadOnlyList<Span>>();
    private readonly List<Span> _taken = [];
    private readonly Channel<string> _metrics = Channel.CreateUnbounded<string>();

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>Where it listens: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string Endpoint => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>The protocol's number of a kind of spans.</summary>
    public const int Server = 2, Client = 3, Producer = 4, Consumer = 5;

    /// <summary>The protocol's number of a failed span's status.</summary>
    public const int Error = 2;

    /// <summary>A finished span. Ids are lower-case hex; kind and status are the protocol's numbers.</summary>
    public sealed record Span(
        string TraceId, string Id, string ParentId, string Name, int Kind, int Status, string Scope, string Service, IReadOnlyDictionary<string, string> Attributes);

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
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
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

    /// <summary>Waits for a metric of this name; fails when it does not come.</summary>
    public async Task UntilMetric(string name)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await _metrics.Reader.ReadAsync(patience.Token) != name)
        {
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
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var spans = new List<Span>();
        // opentelemetry/proto/trace/v1/trace.proto: ResourceSpans 1, ScopeSpans 2, Span 2.
        foreach (var ofResource in Protobuf.Read(body.ToArray()).Messages(1))
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
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        // opentelemetry/proto/metrics/v1/metrics.proto: ResourceMetrics 1, ScopeMetrics 2, Metric 2, its name 1.
        foreach (var metric in Protobuf.Read(body.ToArray()).Messages(1).SelectMany(resource => resource.Messages(2)).SelectMany(scope => scope.Messages(2)))
        {
            _metrics.Writer.TryWrite(metric.Text(1));
        }
    }

    private static Dictionary<string, string> Attributes(Protobuf message, int field) => message.Messages(field)
        .ToDictionary(pair => pair.Text(1), pair => pair.Message(2) is var value && value.Has(1) ? value.Text(1) : $"{value.Number(3)}");
}
