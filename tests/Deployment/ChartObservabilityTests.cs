using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>What the chart hands to Prometheus and Grafana, and to nobody who did not ask for it.</summary>
public class ChartObservabilityTests
{
    [NodeFact]
    public async Task The_rules_in_the_cluster_are_those_of_the_file_with_the_templates_in_their_annotations()
    {
        var rule = (await Charts.Rendered)["Prometheus rule"].Single(manifest => manifest.Kind == "PrometheusRule");
        var file = Repository.Read("helm/todoflow/files/alerts.yaml");

        Assert.Equal("{{ $value | humanizePercentage }} of the requests fail", rule.Spec["groups"]![0]!["rules"]![0]!["annotations"]!["summary"]!.GetValue<string>());
        Assert.True(JsonNode.DeepEquals(Manifest.ReadYaml(file).Single(), rule.Spec), rule.Spec.ToJsonString());
        Assert.Equal("prometheus", rule.Text("metadata.labels.release"));
    }

    [NodeFact]
    public async Task The_dashboards_in_the_cluster_are_the_files_and_Grafanas_sidecar_finds_them()
    {
        var dashboards = (await Charts.Rendered)["Grafana dashboards"].Single(manifest => manifest.Component == "dashboards");
        var files = Directory.EnumerateFiles(Repository.PathOf("helm/todoflow/files/dashboards")).ToDictionary(file => Path.GetFileName(file), File.ReadAllText);

        Assert.NotEmpty(files);
        Assert.Equal(files.Keys.Order(StringComparer.Ordinal), dashboards.Json["data"]!.AsObject().Select(entry => entry.Key).Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Equal(file.Value, dashboards.Json["data"]![file.Key]!.GetValue<string>()));
        Assert.Equal(("1", "tasks"), (dashboards.Text("metadata.labels.grafana_dashboard"), dashboards.Text("metadata.labels.team")));
    }

    [NodeFact]
    public async Task Pods_may_send_traces_to_where_the_settings_say_and_nowhere_without_them()
    {
        var rendered = await Charts.Rendered;
        var (with, without) = (rendered["traces"], rendered["least"]);

        Assert.All(Egress(with), ports => Assert.Superset(new HashSet<int> { 4318, 443 }, ports));
        Assert.All(Egress(without), ports => Assert.DoesNotContain(4318, ports));
        Assert.Contains(Egress(without), ports => !ports.Contains(443));
        Assert.Equal("http/protobuf", with.Single(manifest => manifest.Kind == "ConfigMap").Text("data.OTEL_EXPORTER_OTLP_PROTOCOL"));
        Assert.NotNull(with.Single(manifest => manifest.Kind == "Secret").Json["data"]!["OTEL_EXPORTER_OTLP_HEADERS"]);

        static IEnumerable<HashSet<int>> Egress(IEnumerable<Manifest> manifests) => manifests
            .Where(manifest => manifest is { Kind: "NetworkPolicy", Component: not "postgresql" })
            .Select(policy => policy.Spec["egress"]!.AsArray().SelectMany(rule => rule!["ports"]!.AsArray()).Select(port => (int)port!["port"]!.GetValue<double>()).ToHashSet());
    }

    [NodeTheory]
    [InlineData("least", 0, 0, 0)]
    [InlineData("cloud", 0, 0, 0)]
    [InlineData("service monitor", 1, 0, 0)]
    [InlineData("Prometheus rule", 0, 1, 0)]
    [InlineData("Grafana dashboards", 0, 0, 1)]
    public async Task Each_is_made_where_its_own_switch_says_so(string variant, int monitors, int rules, int dashboards)
    {
        var manifests = (await Charts.Rendered)[variant];

        Assert.Equal(monitors, manifests.Count(manifest => manifest.Kind == "ServiceMonitor"));
        Assert.Equal(rules, manifests.Count(manifest => manifest.Kind == "PrometheusRule"));
        Assert.Equal(dashboards, manifests.Count(manifest => manifest.Component == "dashboards"));
    }

    [NodeFact]
    public async Task The_azure_runtime_is_scraped_with_the_token_of_its_Secret_and_the_standalone_one_at_a_port_of_its_own()
    {
        var rendered = await Charts.Rendered;

        var credentials = Endpoint("service monitor of azure")["authorization"]!["credentials"]!;
        Assert.Equal(("others", "Metrics__Token"), (credentials["name"]!.GetValue<string>(), credentials["key"]!.GetValue<string>()));
        Assert.Equal("http", TargetPort("service monitor of azure"));
        Assert.Null(Endpoint("service monitor")["authorization"]);
        Assert.Equal("metrics", TargetPort("service monitor"));

        JsonNode Endpoint(string variant) => Assert.Single(rendered[variant].Single(manifest => manifest.Kind == "ServiceMonitor").Spec["endpoints"]!.AsArray())!;

        string TargetPort(string variant) => Assert.Single(rendered[variant].Single(manifest => manifest is { Kind: "Service", Component: "metrics" }).Spec["ports"]!.AsArray())!
            ["targetPort"]!.GetValue<string>();
    }

    [NodeFact]
    public async Task A_trial_of_the_azure_runtime_has_a_token_unless_values_give_one()
    {
        var drawn = (await Charts.Rendered)["trial of azure"].Single(manifest => manifest.Kind == "Secret").Text("data.Metrics__Token");
        Assert.Equal(32, Convert.FromBase64String(drawn).Length);

        var given = await Charts.Template(Charts.TodoFlow, [.. Charts.Least, "--set", "runtime=azure,azureSignalR=true,secret.create=true,secret.values.Metrics__Token=sixteen-or-longer"]);
        Assert.Equal("sixteen-or-longer"u8.ToArray(), Convert.FromBase64String(Manifest.ReadAll(given.Output).Single(manifest => manifest.Kind == "Secret").Text("data.Metrics__Token")));

        Assert.Null((await Charts.Rendered)["secret from values"].Single(manifest => manifest.Kind == "Secret").Json["data"]!["Metrics__Token"]);
    }
}
