using System.Text.RegularExpressions;
using TodoFlow.Tests.Contract;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>Every environment variable of the chart is a setting that the code reads, and every setting can be set by the chart.</summary>
public partial class ChartSettingsTests
{
    // Not the chart's to set.
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["ASPNETCORE_URLS"] = "the image's",
        ["FUNCTIONS_WORKER_RUNTIME"] = "the image's",
        ["AzureWebJobsSecretStorageType"] = "the image's",
        ["AzureWebJobsStorage"] = "the functions need no storage account",
        ["Kafka:Consumer:GroupProtocol"] = "any property of Kafka:Consumer can be set, by a pattern",
        ["Kafka:InstanceId"] = "a Deployment's pods have no lasting names",
        ["Email:SslCaLocation"] = "mail servers have certificates that everybody trusts",
        ["Web:Root"] = "the page is in the images",
        ["Kafka:SslCaPem"] = "kafka.caSecret mounts a file",
    };

    // OpenTelemetry's own variables go through as they are. Npgsql's own: the password beside a connection string without one.
    private const string DatabasePassword = "PGPASSWORD";

    // The Functions host's, in place of Cors:AllowedOrigins.
    private const string AzureOrigins = "WEBSITE_CORS_ALLOWED_ORIGINS";

    [NodeFact]
    public async Task Every_variable_of_the_pods_is_a_setting_that_the_code_reads()
    {
        var known = SettingsTests.Known.Select(General).ToHashSet(StringComparer.Ordinal);
        var manifests = (await Charts.OfTodoFlow()).ToList();
        var names = manifests
            .Where(manifest => manifest.Kind is "Deployment" or "Job")
            .SelectMany(manifest => manifest.Containers)
            .SelectMany(container => container["env"]?.AsArray() ?? [])
            .Select(variable => variable!["name"]!.GetValue<string>())
            .Concat(manifests.Where(manifest => manifest.HoldsSettings).SelectMany(manifest => manifest.Json["data"]!.AsObject()).Select(entry => entry.Key))
            .Concat(SchemaNames("settings")).Concat(SchemaNames("secret", "values"))
            .Distinct();

        Assert.All(names.Where(name => name is not (DatabasePassword or AzureOrigins) && !name.StartsWith("OTEL_", StringComparison.Ordinal)), name => Assert.Contains(General(name.Replace("__", ":", StringComparison.Ordinal)), known));
    }

    [NodeFact]
    public async Task Every_setting_that_the_code_reads_can_be_set_by_the_chart()
    {
        var manifests = (await Charts.OfTodoFlow()).ToList();
        var settable = manifests.Where(manifest => manifest.HoldsSettings).SelectMany(manifest => manifest.Json["data"]!.AsObject()).Select(entry => entry.Key)
            .Concat(manifests.SelectMany(manifest => manifest.Containers).SelectMany(container => container["env"]?.AsArray() ?? []).Select(variable => variable!["name"]!.GetValue<string>()))
            .Concat(SchemaNames("settings")).Concat(SchemaNames("secret", "values"))
            .Select(name => General(name.Replace("__", ":", StringComparison.Ordinal))).ToHashSet(StringComparer.Ordinal);

        Assert.All(SettingsTests.Known.Where(setting => !Elsewhere.ContainsKey(setting) && !setting.StartsWith("OTEL_", StringComparison.Ordinal)), setting => Assert.Contains(General(setting), settable));
        Assert.All(Elsewhere.Keys, setting => Assert.DoesNotContain(General(setting), settable));
    }

    [NodeFact]
    public async Task What_the_chart_leaves_to_the_image_is_set_there()
    {
        foreach (var (image, settings) in new[] { ("host", new[] { "ASPNETCORE_URLS" }), ("functions", ["ASPNETCORE_URLS", "FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsSecretStorageType"]) })
        {
            var dockerfile = Repository.Read($"{image}/Dockerfile");
            Assert.All(settings, setting => Assert.Contains($"{setting}=", dockerfile, StringComparison.Ordinal));
            Assert.Contains("http://*:8080", dockerfile, StringComparison.Ordinal);
        }

        Assert.All((await Charts.OfTodoFlow()).Where(manifest => manifest.Kind == "Deployment").SelectMany(manifest => manifest.Containers), container =>
            Assert.Equal(8080, container["ports"]![0]!["containerPort"]!.GetValue<double>()));
    }

    [NodeFact]
    public async Task The_pods_of_a_group_load_its_functions_and_those_of_every_process()
    {
        var functions = Manifest.ReadYaml(Repository.Read("helm/todoflow/functions.yaml")).Single()!;
        foreach (var deployment in (await Charts.Rendered)["least, from zero"].Where(manifest => manifest.Kind == "Deployment"))
        {
            var expected = functions["everywhere"]!.AsArray().Concat(functions["groups"]![deployment.Component!]!["functions"]!.AsArray()).Select(name => name!.GetValue<string>());
            Assert.Equal(expected, Loaded(deployment));
        }
    }

    [NodeTheory]
    [InlineData("least", "realtime")]
    [InlineData("azure", "")]
    public async Task In_the_profile_warm_the_pods_of_api_load_every_function_but_those_of_the_hub(string variant, string others)
    {
        var functions = Manifest.ReadYaml(Repository.Read("helm/todoflow/functions.yaml")).Single()!;
        var expected = functions["everywhere"]!.AsArray().Concat(functions["groups"]!.AsObject().Where(group => group.Key != others).SelectMany(group => group.Value!["functions"]!.AsArray()));

        var api = (await Charts.Rendered)[variant].Single(manifest => manifest is { Kind: "Deployment", Component: "api" });
        Assert.Equal(expected.Select(name => name!.GetValue<string>()).Order(), Loaded(api).Order());
    }

    private static IEnumerable<string> Loaded(Manifest deployment) => deployment.Containers.Single()["env"]!.AsArray()
        .Where(variable => variable!["name"]!.GetValue<string>().StartsWith("AzureFunctionsJobHost__functions__", StringComparison.Ordinal))
        .Select(variable => variable!["value"]!.GetValue<string>());

    /// <summary>Numbers of lists and names of categories are alike; so are the patterns that the schema has for them.</summary>
    private static string General(string setting) => Numbers().Replace(
        setting.Replace("LogLevel:[A-Za-z.]+", "LogLevel:Default", StringComparison.Ordinal).Replace("[0-9]+", "0", StringComparison.Ordinal), ":0");

    private static IEnumerable<string> SchemaNames(params string[] path)
    {
        var schema = Manifest.ReadYaml(Repository.Read("helm/todoflow/values.schema.json")).Single()!;
        var section = path.Aggregate(schema, (node, name) => node["properties"]![name]!);
        return section["properties"]!.AsObject().Select(property => property.Key)
            .Concat((section["patternProperties"]?.AsObject() ?? []).SelectMany(pattern => Alternatives(pattern.Key)))
            .Where(name => name != "Kafka__Consumer__[A-Za-z]+"); // Confluent.Kafka's own names
    }

    // ^Auth__SigningKeys__[0-9]+__(Id|Key)$ is two names.
    private static IEnumerable<string> Alternatives(string pattern)
    {
        var name = pattern.Trim('^', '$');
        return AlternativesOf().Match(name) is { Success: true } match
            ? match.Groups[1].Value.Split('|').Select(one => name.Replace(match.Value, one, StringComparison.Ordinal))
            : [name];
    }

    [GeneratedRegex(":[0-9]+(?=:|$)")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\(([A-Za-z|]+)\)")]
    private static partial Regex AlternativesOf();
}
