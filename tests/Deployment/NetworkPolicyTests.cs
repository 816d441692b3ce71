using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>Who may connect to whom, as far as the chart knows it.</summary>
public class NetworkPolicyTests
{
    [NodeFact]
    public async Task The_trial_PostgreSQL_lets_in_this_release_its_migration_and_KEDA_and_nobody_else()
    {
        var manifests = (await Charts.Rendered)["local"];
        var policy = manifests.Single(manifest => manifest is { Kind: "NetworkPolicy", Component: "postgresql" });

        var rule = Assert.Single(policy.Spec["ingress"]!.AsArray())!;
        Assert.Equal("postgresql", Assert.Single(rule["ports"]!.AsArray())!["port"]!.GetValue<string>());
        var peers = rule["from"]!.AsArray();
        Assert.Equal(3, peers.Count);
        foreach (var pods in manifests.Where(manifest => manifest.Kind is "Deployment" or "Job").Select(manifest => manifest.Spec["template"]!["metadata"]!["labels"]!))
        {
            Assert.Contains(peers, peer => peer!["podSelector"] is { } selector && Selects(selector, pods));
        }

        Assert.DoesNotContain(peers, peer => peer!["podSelector"] is { } selector && Selects(selector, JsonNode.Parse("""{"app.kubernetes.io/name": "another"}""")!));
        Assert.Equal("keda", Assert.Single(peers, peer => peer!["namespaceSelector"] is not null)!["namespaceSelector"]!["matchLabels"]!["kubernetes.io/metadata.name"]!.GetValue<string>());
        Assert.Empty(policy.Spec["egress"]!.AsArray()); // it calls nobody
        Assert.Equal(["Ingress", "Egress"], policy.Spec["policyTypes"]!.AsArray().Select(type => type!.GetValue<string>()));
        Assert.True(Selects(policy.Spec["podSelector"]!, manifests.Single(manifest => manifest.Kind == "StatefulSet").Spec["template"]!["metadata"]!["labels"]!));
        Assert.DoesNotContain((await Charts.Rendered)["least"], manifest => manifest is { Kind: "NetworkPolicy", Component: "postgresql" });
    }

    [NodeFact]
    public async Task Pods_reach_the_trial_PostgreSQL_of_their_release_and_no_other_at_its_port()
    {
        var rendered = await Charts.Rendered;

        Assert.All(Rules(rendered["local"], 5432), rule => Assert.Equal(
            "todoflow-postgresql", Assert.Single(rule["to"]!.AsArray())!["podSelector"]!["matchLabels"]!["app.kubernetes.io/name"]!.GetValue<string>()));
        Assert.All(Rules(rendered["least"], 5432), rule => Assert.Null(rule["to"])); // its address is a name
    }

    [NodeTheory]
    [InlineData("database", 5432)]
    [InlineData("kafka", 9092)]
    [InlineData("telemetry", 4317)]
    [InlineData("smtp", 2525)]
    [InlineData("https", 443)]
    [InlineData("https", 11434)]
    public async Task Where_a_destination_is_named_its_port_leads_nowhere_else(string name, int port)
    {
        const string Destinations = "settings.OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317,settings.Email__Host=smtp,settings.Email__Port=\"2525\","
            + "settings.Chat__Endpoint=https://models:11434/v1/,settings.Chat__Model=llama";
        var named = await Template(Destinations + $",networkPolicy.egress.{name}[0].ipBlock.cidr=10.1.2.0/24");
        var open = await Template(Destinations);

        Assert.NotEmpty(Rules(named, port));
        Assert.All(Rules(named, port), rule => Assert.Equal("10.1.2.0/24", Assert.Single(rule["to"]!.AsArray())!["ipBlock"]!["cidr"]!.GetValue<string>()));
        Assert.Equal(Rules(named, port).Count(), Rules(open, port).Count());
        Assert.All(Rules(open, port), rule => Assert.Null(rule["to"]));
    }

    [NodeFact]
    public async Task Names_are_asked_of_the_clusters_own_DNS_only_and_mail_leaves_only_where_there_is_a_server()
    {
        var least = (await Charts.Rendered)["least"];

        Assert.All(Rules(least, 53), rule => Assert.Equal(2, rule["to"]!.AsArray().Count));
        Assert.Empty(Rules(least, 587));
        Assert.Equal(2, Rules(await Template("settings.Email__Host=smtp"), 587).Count()); // the scheduler's, and the api's, which does its work
        Assert.Single(Rules(await Template("settings.Email__Host=smtp,profile=from-zero"), 587));
    }

    [NodeFact]
    public async Task An_ingress_is_one_trusted_proxy_unless_the_settings_say_otherwise()
    {
        Assert.Equal("1", Trusted(await Template("ingress.enabled=true,host=tasks.example.com")));
        Assert.Equal("2", Trusted(await Template("ingress.enabled=true,host=tasks.example.com,keda.httpAddOn=true,profile=from-zero,groups.api.minReplicas=0"))); // KEDA's interceptor
        Assert.Equal("3", Trusted(await Template("ingress.enabled=true,host=tasks.example.com,settings.RateLimits__TrustedProxies=\"3\"")));
        Assert.Null(Trusted((await Charts.Rendered)["least"])); // anybody could say who he is

        static string? Trusted(IEnumerable<Manifest> manifests) =>
            manifests.Single(manifest => manifest is { Kind: "ConfigMap", Component: null }).Json["data"]!["RateLimits__TrustedProxies"]?.GetValue<string>();
    }

    [NodeFact]
    public async Task Of_the_Functions_host_the_api_alone_can_be_reached_from_outside() // it has addresses of its own, such as /admin
    {
        const string Azure = "runtime=azure,azureSignalR=true,host=tasks.example.com";
        var ingress = (await Template($"{Azure},ingress.enabled=true")).Single(manifest => manifest.Kind == "Ingress");
        var route = (await Template($"{Azure},gateway.enabled=true,gateway.name=outside")).Single(manifest => manifest.Kind == "HTTPRoute");

        Assert.Equal("/api", Assert.Single(Assert.Single(ingress.Spec["rules"]!.AsArray())!["http"]!["paths"]!.AsArray())!["path"]!.GetValue<string>());
        Assert.Equal("/api", Assert.Single(Assert.Single(route.Spec["rules"]!.AsArray())!["matches"]!.AsArray())!["path"]!["value"]!.GetValue<string>());
    }

    private static async Task<IReadOnlyList<Manifest>> Template(string values)
    {
        var (exitCode, output, errors) = await Charts.Template(Charts.TodoFlow, [.. Charts.Least, .. values.Split(',').SelectMany(Set)]);
        Assert.True(exitCode == 0, errors);
        return Manifest.ReadAll(output);

        // Settings are texts, ports too.
        static string[] Set(string value) => value.EndsWith('"') ? ["--set-string", value.Replace("\"", "", StringComparison.Ordinal)] : ["--set", value];
    }

    // The rules of TodoFlow's pods that let them out at a port.
    private static IEnumerable<JsonNode> Rules(IEnumerable<Manifest> manifests, int port) => manifests
        .Where(manifest => manifest is { Kind: "NetworkPolicy", Component: not "postgresql" })
        .SelectMany(policy => policy.Spec["egress"]!.AsArray())
        .Where(rule => rule!["ports"]!.AsArray().Any(one => (int)one!["port"]!.GetValue<double>() == port))
        .Select(rule => rule!);

    private static bool Selects(JsonNode selector, JsonNode labels) =>
        selector["matchLabels"]!.AsObject().All(label => labels[label.Key]?.GetValue<string>() == label.Value!.GetValue<string>());
}
