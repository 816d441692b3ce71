using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>The charts render into manifests that clusters take, and refuse values that they do not know.</summary>
public class ChartTests
{
    [NodeTheory]
    [InlineData(Charts.TodoFlow)]
    [InlineData(Charts.Kafka)]
    public async Task Helm_has_nothing_to_say_against_a_chart(string chart)
    {
        var (exitCode, output, errors) = await Charts.Helm(["lint", "--strict", chart, .. chart == Charts.TodoFlow ? Charts.Least : []]);

        Assert.True(exitCode == 0, output + errors);
    }

    [NodeFact]
    public async Task Every_values_file_and_each_switch_renders_valid_manifests()
    {
        var folder = Directory.CreateTempSubdirectory("todoflow-manifests-");
        try
        {
            foreach (var (name, manifests) in await Charts.Rendered)
            {
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"{name}.yaml"), string.Join("\n---\n", manifests.Select(manifest => manifest.Json.ToJsonString())));
            }

            Assert.Empty(await Charts.Validate(Directory.EnumerateFiles(folder.FullName)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [NodeFact]
    public async Task The_validation_finds_a_wrong_value_and_a_field_that_does_not_exist()
    {
        var deployment = (await Charts.Rendered)["least"].First(manifest => manifest.Kind == "Deployment").Json.DeepClone();
        deployment["spec"]!["replicaCount"] = 3;
        var scaled = (await Charts.Rendered)["least"].First(manifest => manifest.Kind == "ScaledObject").Json.DeepClone();
        scaled["spec"]!["maxReplicaCount"] = "many";
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, $"{deployment.ToJsonString()}\n---\n{scaled.ToJsonString()}");
            var errors = await Charts.Validate([file]);

            Assert.Contains("replicaCount", errors, StringComparison.Ordinal);
            Assert.Contains("data/spec/maxReplicaCount must be integer", errors, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [NodeTheory]
    [InlineData("databse.host=x", "(root): Additional property databse is not allowed")]
    [InlineData("database.hots=x", "database: Additional property hots is not allowed")]
    [InlineData("database.port=postgres", "database.port: Invalid type")]
    [InlineData("groups.recurence.target=1", "groups: Additional property recurence is not allowed")]
    [InlineData("groups.api.replicas=2", "groups.api: Additional property replicas is not allowed")]
    [InlineData("settings.RateLimits__Requests=2", "settings: Additional property RateLimits__Requests is not allowed")]
    [InlineData("secret.values.PGPASS=x", "secret.values: Additional property PGPASS is not allowed")]
    [InlineData("events.transport=pigeons", "events.transport: events.transport must be one of")]
    [InlineData("kafka.brokers=kafka", "kafka.brokers: Does not match pattern")]
    [InlineData("prometheusRule.enabled=often", "prometheusRule.enabled: Invalid type")]
    [InlineData("grafanaDashboards.label.a=b", "grafanaDashboards: Additional property label is not allowed")]
    [InlineData("secret.values.Metrics__Token=short", "secret.values.Metrics__Token: String length must be greater than or equal to 16")]
    [InlineData("settings.OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317", "settings.OTEL_EXPORTER_OTLP_ENDPOINT: Does not match pattern")]
    [InlineData("settings.OTEL_EXPORTER_OTLP_HEADERS=token=x", "settings: Must not validate the schema")]
    [InlineData("profile=cold", "profile: profile must be one of")]
    [InlineData("kafka.groupPrefix=", "kafka.groupPrefix: Does not match pattern")]
    [InlineData("images.hostDigest=latest", "images.hostDigest: Does not match pattern")]
    [InlineData("database.parameters=Password=x", "database.parameters: Must not validate the schema")]
    public async Task A_value_that_is_not_known_is_refused_with_its_path(string value, string reason) => await Refused(Charts.TodoFlow, value, reason);

    [NodeTheory]
    [InlineData("topics.partition=1", "topics: Additional property partition is not allowed")]
    [InlineData("brokers.replicas=1", "brokers.replicas: Must be greater than or equal to 3")]
    public async Task So_it_is_for_Kafka(string value, string reason) => await Refused(Charts.Kafka, value, reason);

    [NodeTheory]
    [InlineData("database.host=", "database.host: PostgreSQL must be named")]
    [InlineData("kafka.brokers=", "kafka.brokers: needed with events.transport kafka")]
    [InlineData("runtime=azure,events.transport=postgres", "events.transport: the azure runtime needs kafka")]
    [InlineData("runtime=azure", "azureSignalR: the azure runtime has no hub of its own")]
    [InlineData("groups.realtime.minReplicas=0", "groups.realtime.minReplicas: devices connect to its pods")]
    [InlineData("kafka.userSecret=user", "kafka.userSecret: a client's certificate needs the SSL or SASL_SSL protocol")]
    [InlineData("runtime=azure,azureSignalR=true,kafka.securityProtocol=SASL_SSL,kafka.username=a", "kafka.saslMechanism and kafka.username: needed with a SASL protocol")]
    [InlineData("kafka.securityProtocol=SASL_SSL", "kafka.saslMechanism and kafka.username: needed with a SASL protocol")]
    [InlineData("ingress.enabled=true", "host: needed with ingress")]
    [InlineData("gateway.enabled=true,host=a.example", "gateway.name")]
    [InlineData("groups.api.minReplicas=0,keda.httpAddOn=true,host=a.example", "groups.api.minReplicas: its pods do the work of all groups in the profile warm")]
    [InlineData("groups.api.minReplicas=0,profile=from-zero", "groups.api.minReplicas: cpu cannot wake it from 0")]
    public async Task What_cannot_work_together_is_refused_before_anything_is_installed(string values, string reason) => await Refused(Charts.TodoFlow, values, reason);

    [NodeFact]
    public async Task The_page_the_api_and_the_hub_can_be_reached_from_outside()
    {
        var paths = (await Charts.OfTodoFlow()).SelectMany(manifest => manifest.Kind switch
        {
            "Ingress" => manifest.Spec["rules"]!.AsArray().SelectMany(rule => rule!["http"]!["paths"]!.AsArray()).Select(path => path!["path"]),
            "HTTPRoute" => manifest.Spec["rules"]!.AsArray().SelectMany(rule => rule!["matches"]!.AsArray()).Select(match => match!["path"]!["value"]),
            _ => Enumerable.Empty<JsonNode?>(),
        }).Select(path => path!.GetValue<string>()).Distinct().ToList();

        Assert.Equal(["/", "/api", "/hubs"], paths.Order(StringComparer.Ordinal));
    }

    [NodeFact]
    public async Task Devices_are_told_the_address_of_the_hub_as_it_is_seen_from_outside()
    {
        var rendered = await Charts.Rendered;
        var manifests = rendered["cloud"];

        Assert.Equal("https://tasks.example.com", manifests.Single(manifest => manifest.Kind == "ConfigMap").Text("data.Realtime__PublicUrl"));
        Assert.Single(manifests, manifest => manifest.Kind == "Service" && manifest.Component == "realtime");
        Assert.DoesNotContain(rendered["Azure SignalR"], manifest => manifest.Kind == "Service" && manifest.Component == "realtime");
    }

    [NodeTheory]
    [InlineData("standalone")]
    [InlineData("azure")]
    public async Task Both_runtimes_reach_brokers_by_mutual_TLS(string runtime)
    {
        var manifests = Manifest.ReadAll((await Charts.Template(Charts.TodoFlow, "-f", "helm/todoflow/values-cloud.yaml", "-f", "helm/todoflow/examples/values-strimzi.yaml",
            "--set", $"runtime={runtime},azureSignalR=true")).Output).ToList();

        var settings = manifests.Single(manifest => manifest.Kind == "ConfigMap");
        Assert.Equal("SSL", settings.Text("data.Kafka__SecurityProtocol"));
        foreach (var deployment in manifests.Where(manifest => manifest.Kind == "Deployment"))
        {
            var mounts = deployment.Spec["template"]!["spec"]!["containers"]![0]!["volumeMounts"]!.AsArray().Select(mount => mount!["mountPath"]!.GetValue<string>()).ToList();
            foreach (var file in new[] { "Kafka__SslCaLocation", "Kafka__SslCertificateLocation", "Kafka__SslKeyLocation" })
            {
                Assert.Contains(Path.GetDirectoryName(settings.Text($"data.{file}")), mounts);
            }
        }
    }

    [NodeTheory]
    [InlineData("SASL_SSL", "SCRAM-SHA-256")]
    [InlineData("SASL_SSL", "SCRAM-SHA-512")]
    [InlineData("SASL_PLAINTEXT", "PLAIN")]
    public async Task The_azure_runtime_takes_SASL_as_the_standalone_one_does(string protocol, string mechanism)
    {
        var manifests = Manifest.ReadAll((await Charts.Template(Charts.TodoFlow, [.. Charts.Least, "--set",
            $"runtime=azure,azureSignalR=true,kafka.securityProtocol={protocol},kafka.saslMechanism={mechanism},kafka.username=todoflow"])).Output);

        var settings = manifests.Single(manifest => manifest.Kind == "ConfigMap");
        Assert.Equal((protocol, mechanism, "todoflow"),
            (settings.Text("data.Kafka__SecurityProtocol"), settings.Text("data.Kafka__SaslMechanism"), settings.Text("data.Kafka__Username")));
    }

    [NodeFact]
    public async Task A_secret_that_values_leave_out_is_made_up_and_differs_each_time()
    {
        var first = await Password();
        var second = await Password();

        Assert.NotEqual(first, second);

        static async Task<string> Password() => Manifest.ReadAll((await Charts.Template(Charts.TodoFlow, "-f", "helm/todoflow/values-local.yaml")).Output)
            .Single(manifest => manifest.Kind == "Secret").Text("data.PGPASSWORD");
    }

    private static async Task Refused(string chart, string values, string reason)
    {
        var (exitCode, output, errors) = await Charts.Template(chart, [.. chart == Charts.TodoFlow ? Charts.Least : [], "--set", values]);

        Assert.NotEqual(0, exitCode);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
        Assert.Empty(output);
    }
}
