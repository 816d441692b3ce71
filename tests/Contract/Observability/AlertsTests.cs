using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TodoFlow.Tests.Support;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace TodoFlow.Tests.Contract.Observability;

/// <summary>Dashboards and alerts name what the code measures, and each alert is explained.</summary>
public sealed partial class AlertsTests(ExercisedApp app) : IClassFixture<ExercisedApp>
{
    private const string Rules = "helm/todoflow/files/alerts.yaml";

    // What Prometheus adds, and what only a failure has.
    private static readonly string[] OtherLabels = ["instance", "le", "error_type"];

    [Fact]
    public async Task Every_metric_and_label_of_a_dashboard_or_alert_is_one_that_a_host_serves()
    {
        var metrics = await app.Scrape();
        var expressions = Alerts().Select(alert => (Where: alert.Name, alert.Expression)).Concat(Panels()).ToList();
        Assert.True(expressions.Count > 30);
        Assert.All(expressions, named =>
        {
            var names = PromQl.Metrics(named.Expression);
            Assert.NotEmpty(names);
            Assert.True(names.IsSubsetOf(metrics.Names), $"{named.Where}: nobody serves {string.Join(", ", names.Except(metrics.Names))}");
            var labels = names.SelectMany(metrics.LabelsOf).Concat(OtherLabels);
            Assert.True(PromQl.Labels(named.Expression).IsSubsetOf(labels), $"{named.Where}: {string.Join(", ", PromQl.Labels(named.Expression).Except(labels))} is no label");
        });
    }

    [Fact]
    public async Task Every_metric_of_ours_is_documented()
    {
        var documented = Repository.Read("docs/observability.md");
        var ours = (await app.Scrape()).Names.Select(name => Suffix().Replace(name, "")).Where(name => name.StartsWith("todoflow_", StringComparison.Ordinal) || name.StartsWith("messaging_", StringComparison.Ordinal)).Distinct();

        Assert.All(ours, name => Assert.Contains(name.Replace("_retries_total", "_failures_total", StringComparison.Ordinal), documented, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_alert_is_explained_and_every_explanation_is_of_an_alert()
    {
        var explained = Regex.Matches(Repository.Read("docs/alerts.md"), "^## (\\w+)$", RegexOptions.Multiline).Select(match => match.Groups[1].Value);
        Assert.Equal(Alerts().Select(alert => alert.Name), explained);
        Assert.All(Alerts(), alert => Assert.Equal($"docs/alerts.md#{alert.Name.ToLowerInvariant()}", alert.Runbook));
        Assert.All(Alerts(), alert => Assert.Contains(alert.Severity, new[] { "critical", "warning" }));
    }

    [Theory]
    [InlineData("sum by (a, b) (rate(one_total{c=~\"x{2}\", d!=\"two\"}[5m])) / on (e) max(three) > 1", "one_total three", "a b c d e")]
    [InlineData("histogram_quantile(0.99, sum by (le) (rate(one_bucket[$__rate_interval])))", "one_bucket", "le")]
    [InlineData("absent(one) or two unless three", "one two three", "")]
    public void Expressions_are_read_rightly(string expression, string metrics, string labels)
    {
        Assert.Equal(metrics.Split(' ').Order(), PromQl.Metrics(expression).Order());
        Assert.Equal(labels.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), PromQl.Labels(expression).Order());
    }

    [PrometheusFact]
    public async Task Promtool_accepts_the_rules()
    {
        var (exitCode, output) = await Prometheus.Promtool("check", "rules", Repository.PathOf(Rules));
        Assert.True(exitCode == 0, output);
    }

    [PrometheusFact]
    public async Task Alerts_ring_and_end_when_they_should()
    {
        var (exitCode, output) = await Prometheus.Promtool("test", "rules", Repository.PathOf("tests/Contract/Observability/alerts.test.yaml"));
        Assert.True(exitCode == 0, output);
    }

    [PrometheusFact]
    public async Task A_real_prometheus_scrapes_a_host_and_evaluates_every_expression()
    {
        using var prometheus = await Prometheus.Start(app.Host.MetricsAddress!, Repository.PathOf(Rules), token: null);
        await Scraped(prometheus);

        foreach (var (where, expression) in Panels())
        {
            var answer = await prometheus.Query(expression.Replace("$__rate_interval", "1m", StringComparison.Ordinal));
            Assert.True(answer is not null, where);
        }

        Assert.Equal("4", (await prometheus.Query("count(count by (__name__) ({__name__=~\"todoflow_outbox_.*|todoflow_dead_letters|todoflow_consumer_lag\"}))"))[0]!["value"]![1]!.GetValue<string>());
        var rules = (await prometheus.Get("/api/v1/rules"))["groups"]![0]!["rules"]!.AsArray();
        Assert.Equal(Alerts().Select(alert => alert.Name), rules.Select(rule => rule!["name"]!.GetValue<string>()));
        Assert.All(rules, rule => Assert.DoesNotContain("err", rule!["health"]!.GetValue<string>(), StringComparison.Ordinal));
    }

    [PrometheusFact]
    public async Task A_real_prometheus_gets_in_with_the_token_and_not_without()
    {
        using var allowed = await Prometheus.Start(app.Address, Repository.PathOf(Rules), MeasuredApp.Token);
        await Scraped(allowed);

        using var denied = await Prometheus.Start(app.Address, Repository.PathOf(Rules), token: null);
        Assert.Contains("401", await LastError(denied), StringComparison.Ordinal);
    }

    private static Task Scraped(Prometheus prometheus) => Eventually.Holds(async () => (await prometheus.Query("up == 1")).Count > 0);

    private static Task<string> LastError(Prometheus prometheus) => Eventually.Finds(async () =>
    {
        var target = (await prometheus.Get("/api/v1/targets"))["activeTargets"]!.AsArray().SingleOrDefault();
        return target?["lastError"]?.GetValue<string>() is { Length: > 0 } error ? error : null;
    });

    private static IEnumerable<(string Name, string Expression, string Runbook, string Severity)> Alerts()
    {
        var yaml = new YamlStream();
        using var reader = new StringReader(Repository.Read(Rules));
        yaml.Load(reader);
        return from @group in ((YamlSequenceNode)yaml.Documents[0].RootNode["groups"])
               from rule in (YamlSequenceNode)@group["rules"]
               select (Text(rule["alert"]), Text(rule["expr"]), Text(rule["annotations"]["runbook"]), Text(rule["labels"]["severity"]));

        static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;
    }

    private static IEnumerable<(string Where, string Expression)> Panels() =>
        from file in Directory.EnumerateFiles(Repository.PathOf("helm/todoflow/files/dashboards"), "*.json")
        from panel in JsonNode.Parse(File.ReadAllText(file))!["panels"]!.AsArray()
        from target in panel["targets"]!.AsArray()
        select ($"{Path.GetFileName(file)}: {panel["title"]}", target!["expr"]!.GetValue<string>());

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
