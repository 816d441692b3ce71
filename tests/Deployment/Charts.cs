using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>The charts as Helm renders them.</summary>
public static class Charts
{
    /// <summary>The chart of TodoFlow.</summary>
    public const string TodoFlow = "helm/todoflow";

    /// <summary>The chart of its Kafka cluster.</summary>
    public const string Kafka = "helm/kafka";

    /// <summary>Where the tests' own npm packages are listed: Helm and what validates manifests.</summary>
    public const string NpmFolder = "tests/Deployment/manifests";

    private const string KubernetesVersion = "1.34.0";

    private static readonly Lazy<Task<IReadOnlyDictionary<string, IReadOnlyList<Manifest>>>> All = new(RenderAll);

    /// <summary>Least values: what has no default.</summary>
    public static readonly string[] Least = ["--set", "database.host=db,kafka.brokers=kafka:9092"];

    private static readonly string[] Cloud = ["-f", "helm/todoflow/values-cloud.yaml"];

    /// <summary>Every values file, and each switch on its own: what it is called, the chart and the arguments.</summary>
    public static IEnumerable<(string Name, string Chart, string[] Arguments)> Variants =>
    [
        .. OfEachProfile,
        ("azure", TodoFlow, [.. Least, "--set", "runtime=azure,azureSignalR=true"]),
        ("azure, from zero", TodoFlow, [.. Least, "--set", "runtime=azure,azureSignalR=true,profile=from-zero"]),
        ("other origins", TodoFlow, [.. Least, "--set", "cors.allowedOrigins={https://tasks.example.com,http://localhost:5173}"]),
        ("other origins of azure", TodoFlow, [.. Least, "--set", "runtime=azure,azureSignalR=true,cors.allowedOrigins={https://tasks.example.com}"]),
        ("Azure SignalR", TodoFlow, [.. Cloud, "--set", "azureSignalR=true,profile=from-zero"]),
        ("HTTP add-on", TodoFlow, [.. Cloud, "--set", "keda.httpAddOn=true,groups.api.minReplicas=0,profile=from-zero"]),
        ("service monitor", TodoFlow, [.. Least, "--set", "serviceMonitor.enabled=true,serviceMonitor.labels.release=prometheus"]),
        ("service monitor of azure", TodoFlow, [.. Least, "--set", "runtime=azure,azureSignalR=true,serviceMonitor.enabled=true,secret.name=others"]),
        ("trial of azure", TodoFlow, [.. Least, "--set", "runtime=azure,azureSignalR=true,serviceMonitor.enabled=true,secret.create=true"]),
        ("Prometheus rule", TodoFlow, [.. Least, "--set", "prometheusRule.enabled=true,prometheusRule.labels.release=prometheus"]),
        ("Grafana dashboards", TodoFlow, [.. Least, "--set", "grafanaDashboards.enabled=true,grafanaDashboards.labels.team=tasks"]),
        ("traces", TodoFlow,
            [.. Least, "--set", "settings.OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318,settings.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=https://metrics.example/v1/metrics"
                + ",settings.OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf,secret.create=true,secret.values.OTEL_EXPORTER_OTLP_HEADERS=token=marked-secret"]),
        ("no network policies", TodoFlow, [.. Least, "--set", "networkPolicy.enabled=false"]),
        ("secret from values", TodoFlow, [.. Least, "--set", "secret.create=true,secret.values.PGPASSWORD=marked-secret"]),
        ("digests and pull secrets", TodoFlow,
            [.. Least, "--set", $"images.hostDigest=sha256:{new string('a', 64)},images.pullSecrets[0].name=registry,serviceAccount.annotations.a=b"]),
        ("Kafka", Kafka, []),
        ("Kafka local", Kafka, ["-f", "helm/kafka/values-local.yaml"]),
        ("Kafka plaintext", Kafka, ["--set", "plaintextListener=true"]),
    ];

    // Every values file, in the default profile, warm, and in the other.
    private static IEnumerable<(string Name, string Chart, string[] Arguments)> OfEachProfile =>
        from file in (IEnumerable<(string Name, string[] Arguments)>)
        [
            ("least", Least),
            ("local", ["-f", "helm/todoflow/values-local.yaml"]),
            ("local without Kafka", ["-f", "helm/todoflow/values-local.yaml", "--set", "events.transport=postgres"]),
            ("cloud", Cloud),
            .. Directory.EnumerateFiles(Repository.PathOf("helm/todoflow/examples")).Order(StringComparer.Ordinal)
                .Select(file => (Path.GetFileNameWithoutExtension(file), (string[])[.. Cloud, "-f", file])),
        ]
        from profile in (IEnumerable<(string Name, string[] Arguments)>)[("", []), (", from zero", ["--set", "profile=from-zero"])]
        select (file.Name + profile.Name, TodoFlow, (string[])[.. file.Arguments, .. profile.Arguments]);

    /// <summary>Every variant, rendered.</summary>
    public static Task<IReadOnlyDictionary<string, IReadOnlyList<Manifest>>> Rendered => All.Value;

    /// <summary>The manifests of TodoFlow's own chart, in every variant.</summary>
    public static async Task<IEnumerable<Manifest>> OfTodoFlow()
    {
        var rendered = await Rendered;
        return Variants.Where(variant => variant.Chart == TodoFlow).SelectMany(variant => rendered[variant.Name]);
    }

    /// <summary>Renders a chart.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> Template(string chart, params string[] arguments) =>
        Helm(["template", "todoflow", chart, "--namespace", "todoflow", "--kube-version", KubernetesVersion, .. arguments]);

    /// <summary>Runs Helm.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> Helm(IEnumerable<string> arguments) =>
        await Tool.Run(Path.Combine(await NodeProgram.Install(NpmFolder), "node_modules/.bin/helm"), arguments);

    /// <summary>Validates manifests against the schemas and the fields of Kubernetes, KEDA, Strimzi, the Gateway API and the Prometheus operator.</summary>
    /// <returns>What is wrong, line by line.</returns>
    public static async Task<string> Validate(IEnumerable<string> files) =>
        (await Tool.Run("node", [Path.Combine(await NodeProgram.Install(NpmFolder), "validate.mjs"), .. files])).Output;

    private static async Task<IReadOnlyDictionary<string, IReadOnlyList<Manifest>>> RenderAll()
    {
        var rendered = new Dictionary<string, IReadOnlyList<Manifest>>();
        foreach (var (name, chart, arguments) in Variants)
        {
            var (exitCode, output, errors) = await Template(chart, arguments);
            Assert.True(exitCode == 0, $"{name}: {errors}");
            rendered[name] = Manifest.ReadAll(output);
        }

        return rendered;
    }
}
