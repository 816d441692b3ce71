using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>What every manifest of the chart keeps to, whatever the values: restricted pods, probes, secrets in Secrets only.</summary>
public partial class ManifestPolicyTests
{
    [NodeFact]
    public async Task Every_pod_keeps_the_restricted_Pod_Security_Standard()
    {
        foreach (var manifest in (await Charts.OfTodoFlow()).Where(manifest => manifest.PodSpec is not null))
        {
            var pod = manifest.PodSpec!;
            Assert.True(pod["securityContext"]!["runAsNonRoot"]!.GetValue<bool>(), $"{manifest}");
            Assert.NotEqual(0, pod["securityContext"]!["runAsUser"]!.GetValue<double>());
            Assert.Equal("RuntimeDefault", pod["securityContext"]!["seccompProfile"]!["type"]!.GetValue<string>());
            Assert.False(pod["automountServiceAccountToken"]!.GetValue<bool>(), $"{manifest}");
            Assert.All(["hostNetwork", "hostPID", "hostIPC"], name => Assert.Null(pod[name]));
            Assert.All(pod["volumes"]?.AsArray() ?? [], volume => Assert.Null(volume!["hostPath"]));
            foreach (var container in manifest.Containers)
            {
                var security = container["securityContext"]!;
                Assert.True(security["readOnlyRootFilesystem"]!.GetValue<bool>(), $"{manifest}");
                Assert.False(security["allowPrivilegeEscalation"]!.GetValue<bool>(), $"{manifest}");
                Assert.Equal("ALL", Assert.Single(security["capabilities"]!["drop"]!.AsArray())!.GetValue<string>());
                Assert.Null(security["capabilities"]!["add"]);
                Assert.Null(security["privileged"]);
            }
        }
    }

    [NodeFact]
    public async Task Every_container_says_what_it_needs_and_comes_from_a_pinned_image()
    {
        foreach (var manifest in await Charts.OfTodoFlow())
        {
            foreach (var container in manifest.Containers)
            {
                Assert.NotNull(container["resources"]!["requests"]!["cpu"]);
                Assert.NotNull(container["resources"]!["requests"]!["memory"]);
                Assert.NotNull(container["resources"]!["limits"]!["memory"]);
                Assert.Matches(PinnedImage(), container["image"]!.GetValue<string>());
            }
        }
    }

    [NodeFact]
    public async Task Every_container_that_goes_on_running_has_the_three_probes()
    {
        foreach (var manifest in (await Charts.OfTodoFlow()).Where(manifest => manifest.Kind is "Deployment" or "StatefulSet"))
        {
            Assert.All(manifest.Containers, container =>
                Assert.All(["startupProbe", "livenessProbe", "readinessProbe"], probe => Assert.True(container[probe] is not null, $"{manifest} lacks {probe}")));
        }
    }

    [NodeFact]
    public async Task A_pod_has_ten_minutes_until_the_database_its_schema_and_Kafka_were_well_once()
    {
        foreach (var deployment in (await Charts.OfTodoFlow()).Where(manifest => manifest.Kind == "Deployment"))
        {
            var startup = deployment.Containers.Single()["startupProbe"]!;
            Assert.Equal("/health/startup", startup["httpGet"]!["path"]!.GetValue<string>());
            Assert.Equal(600, startup["periodSeconds"]!.GetValue<double>() * startup["failureThreshold"]!.GetValue<double>());
            Assert.True(startup["timeoutSeconds"]!.GetValue<double>() > 3, "The parts are asked for three seconds.");
            Assert.NotEqual("/health/startup", deployment.Containers.Single()["livenessProbe"]!["httpGet"]!["path"]!.GetValue<string>());
        }
    }

    [NodeFact]
    public async Task A_pod_may_take_longer_to_stop_than_its_host_waits_for_what_is_in_flight()
    {
        foreach (var (drain, shutdown) in new[] { (0, 5), (5, 30), (70, 90) })
        {
            var manifests = Manifest.ReadAll((await Charts.Template(Charts.TodoFlow, [.. Charts.Least, "--set", $"shutdownSeconds={shutdown},drainSeconds={drain}"])).Output);
            var settings = manifests.Single(manifest => manifest.Kind == "ConfigMap");
            var waits = TimeSpan.Parse(settings.Text("data.Host__ShutdownTimeout"));

            Assert.Equal(shutdown, waits.TotalSeconds);
            Assert.Equal(drain, TimeSpan.Parse(settings.Text("data.Host__DrainTime")).TotalSeconds);
            Assert.All(manifests.Where(manifest => manifest.Kind == "Deployment"), manifest =>
            {
                Assert.Null(manifest.Containers.Single()["lifecycle"]); // the host drains by itself
                Assert.True(manifest.PodSpec!["terminationGracePeriodSeconds"]!.GetValue<double>() >= drain + waits.TotalSeconds + 5, $"{manifest}");
            });
        }
    }

    [NodeFact]
    public async Task The_pods_of_a_node_that_is_gone_are_replaced_after_half_a_minute_or_what_the_values_say()
    {
        Assert.All((await Charts.OfTodoFlow()).Where(manifest => manifest.Kind == "Deployment"), deployment => Tolerates(deployment, 30));
        var later = Manifest.ReadAll((await Charts.Template(Charts.TodoFlow, [.. Charts.Least, "--set", "unreachableSeconds=90"])).Output);
        Assert.All(later.Where(manifest => manifest.Kind == "Deployment"), deployment => Tolerates(deployment, 90));

        static void Tolerates(Manifest deployment, int seconds) => Assert.Equal(
            [("node.kubernetes.io/not-ready", "Exists", "NoExecute", seconds), ("node.kubernetes.io/unreachable", "Exists", "NoExecute", seconds)],
            deployment.PodSpec!["tolerations"]!.AsArray().Select(one => (
                one!["key"]!.GetValue<string>(), one["operator"]!.GetValue<string>(), one["effect"]!.GetValue<string>(), (int)one["tolerationSeconds"]!.GetValue<double>())));
    }

    [NodeFact]
    public async Task A_drain_gets_every_pod_in_the_end_and_never_the_last_ready_one_of_several()
    {
        // By Kubernetes' rules: of n wanted pods n - 1 must stay ready, which of one is none; what is not ready may go whatever the budget says.
        Assert.All((await Charts.OfTodoFlow()).Where(manifest => manifest.Kind == "PodDisruptionBudget"), budget => Assert.Equal(
            (1, null, "AlwaysAllow"),
            ((int)budget.Spec["maxUnavailable"]!.GetValue<double>(), budget.Spec["minAvailable"], budget.Spec["unhealthyPodEvictionPolicy"]!.GetValue<string>())));

        var cloud = (await Charts.Rendered)["cloud"].Where(manifest => manifest.Kind == "ScaledObject").ToDictionary(scaled => scaled.Component!, scaled => scaled.Spec["minReplicaCount"]!.GetValue<double>());
        Assert.Equal((2, 2), (cloud["api"], cloud["realtime"])); // what would be missed while its one pod is replaced
    }

    [NodeFact]
    public async Task No_secret_stands_outside_a_Secret()
    {
        foreach (var manifest in await Charts.OfTodoFlow())
        {
            if (manifest.Kind != "Secret")
            {
                Assert.DoesNotContain("marked-secret", manifest.Json.ToJsonString(), StringComparison.Ordinal);
            }

            if (manifest.Kind == "ConfigMap" && manifest.HoldsSettings)
            {
                Assert.All(manifest.Json["data"]!.AsObject(), entry => Assert.DoesNotMatch(SecretSetting(), entry.Key));
                Assert.DoesNotContain("password=", manifest.Text("data.ConnectionStrings__TodoFlow"), StringComparison.OrdinalIgnoreCase);
            }

            foreach (var variable in manifest.Containers.SelectMany(container => container["env"]?.AsArray() ?? []))
            {
                Assert.True(variable!["value"] is null || !SecretSetting().IsMatch(variable["name"]!.GetValue<string>()), $"{manifest}: {variable.ToJsonString()}");
            }
        }
    }

    [NodeFact]
    public async Task Every_deployment_has_an_account_a_budget_a_policy_and_a_scaler_of_its_own()
    {
        var manifests = (await Charts.Rendered)["least"];
        foreach (var deployment in manifests.Where(manifest => manifest.Kind == "Deployment"))
        {
            Assert.All(["ServiceAccount", "PodDisruptionBudget", "NetworkPolicy", "ScaledObject"], kind =>
                Assert.Single(manifests, manifest => manifest.Kind == kind && manifest.Name == deployment.Name));
            Assert.Equal(deployment.Name, deployment.PodSpec!["serviceAccountName"]!.GetValue<string>());

            // What selects pods selects this deployment's.
            var labels = deployment.Spec["template"]!["metadata"]!["labels"]!;
            foreach (var selector in new[]
            {
                deployment.Spec["selector"]!["matchLabels"]!,
                manifests.Single(manifest => manifest.Kind == "PodDisruptionBudget" && manifest.Name == deployment.Name).Spec["selector"]!["matchLabels"]!,
                manifests.Single(manifest => manifest.Kind == "NetworkPolicy" && manifest.Name == deployment.Name).Spec["podSelector"]!["matchLabels"]!,
            })
            {
                Assert.Contains("app.kubernetes.io/component", selector.AsObject());
                Assert.All(selector.AsObject(), label => Assert.True(JsonNode.DeepEquals(label.Value, labels[label.Key])));
            }
        }
    }

    [NodeFact]
    public async Task Consumers_cannot_be_called_except_for_their_metrics()
    {
        foreach (var policy in (await Charts.OfTodoFlow()).Where(manifest => manifest.Kind == "NetworkPolicy" && manifest.Component is not ("api" or "realtime")))
        {
            Assert.All(policy.Spec["ingress"]!.AsArray(), rule => Assert.NotEmpty(rule!["from"]!.AsArray()));
            Assert.Equal(["Ingress", "Egress"], policy.Spec["policyTypes"]!.AsArray().Select(type => type!.GetValue<string>()));
        }
    }

    [NodeFact]
    public async Task The_migration_runs_before_new_pods_do()
    {
        var rendered = await Charts.Rendered;

        Assert.Equal("pre-install,pre-upgrade", Hook("cloud"));
        Assert.Equal("post-install,pre-upgrade", Hook("local")); // its database comes with the release

        string Hook(string variant) => rendered[variant].Single(manifest => manifest.Kind == "Job").Json["metadata"]!["annotations"]!["helm.sh/hook"]!.GetValue<string>();
    }

    // TodoFlow's own: a tag that begins with a digit or v, or a digest. Others': a digest, too.
    [GeneratedRegex(@"^(ghcr\.io/[a-z0-9./-]+(:v?[0-9][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64})|docker\.io/[a-z0-9./-]+:[0-9][A-Za-z0-9._-]*@sha256:[0-9a-f]{64})$")]
    private static partial Regex PinnedImage();

    [GeneratedRegex("(Password|Secret|Key|Token|PASSWORD)$")]
    private static partial Regex SecretSetting();
}
