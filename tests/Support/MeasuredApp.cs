using TodoFlow.Host;

namespace TodoFlow.Tests.Support;

/// <summary>An application whose metrics are served, at an address of their own and with a token.</summary>
public class MeasuredApp : TestApp
{
    /// <summary>The token, which requests.http sends.</summary>
    public const string Token = "the token of the metrics";

    /// <summary>Reads the metrics as Prometheus does.</summary>
    public async Task<ScrapedMetrics> Scrape()
    {
        using var prometheus = new ApiClient(Host.MetricsAddress!, null);
        return new ScrapedMetrics((await prometheus.Get("/metrics")).Is(200).Body);
    }

    /// <inheritdoc/>
    protected override void Configure(HostApplicationOptions options)
    {
        options.Settings["Metrics:Url"] = "http://127.0.0.1:0";
        options.Settings["Metrics:Token"] = Token;
    }
}
