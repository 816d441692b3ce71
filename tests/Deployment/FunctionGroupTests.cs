using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using TodoFlow.Tests.Support;
using TodoFlow.Tests.Unit.Host;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>Every function belongs to one group, and the chart deploys the groups that there are.</summary>
public class FunctionGroupTests
{
    private const string Prefix = "acme-";

    [Fact]
    public void The_chart_has_the_functions_by_group_as_the_code_has_them()
    {
        var written = Repository.Read("helm/todoflow/functions.yaml");

        // Where this fails: dotnet run --project host -- functions > helm/todoflow/functions.yaml
        Assert.Equal(FunctionGroups.ToYaml(Functions(), Prefix), written);
    }

    [Fact]
    public void The_chart_has_values_and_a_schema_for_each_group_and_no_other()
    {
        var groups = Functions().Functions.Select(function => FunctionGroups.Of(function, Prefix)).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        var values = Manifest.ReadYaml(Repository.Read("helm/todoflow/values.yaml")).Single()!["groups"]!.AsObject();
        var schema = Manifest.ReadYaml(Repository.Read("helm/todoflow/values.schema.json")).Single()!["properties"]!["groups"]!["properties"]!.AsObject();

        Assert.Equal(groups, values.Select(group => group.Key).Order(StringComparer.Ordinal));
        Assert.Equal(groups, schema.Select(group => group.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_function_belongs_to_the_group_of_its_trigger()
    {
        var groups = Functions().Functions.ToDictionary(function => function.Name, function => FunctionGroups.Of(function, Prefix));

        Assert.Equal("api", groups["CreateTask"]);
        Assert.Equal("recurrence", groups["CreateNextOccurrence"]);
        Assert.Equal("audit", groups["RecordAudit"]);
        Assert.Equal("audit", groups["RecordReminderAudit"]);
        Assert.Equal("scheduler", groups["RelayOutbox"]);
        Assert.Null(groups["GetHealthReady"]); // every process is asked how it is
    }

    [Fact]
    public void A_consumer_whose_group_is_not_TodoFlows_belongs_to_none()
    {
        var stranger = Catalog.Discover([typeof(Stranger)], ("Events:Transport", "postgres"));

        var error = Assert.Throws<HostStartException>(() => FunctionGroups.ToYaml(stranger, Prefix));
        Assert.Equal("Function 'Listen' belongs to no function group: its consumer group 'others' does not begin with acme-.", error.Message);
    }

    private static FunctionCatalog Functions() => Catalog.Discover(
        typeof(FunctionsSetup).Assembly.GetTypes(), ("Kafka:GroupPrefix", Prefix), ("Kafka:Topics:TaskEvents", "task-events"), ("Kafka:Topics:TaskUpdates", "task-updates"), ("Kafka:Topics:Reminders", "reminders"));

    public static class Stranger
    {
        [Function("Listen")]
        public static void Listen([KafkaTrigger("brokers", "task-events", ConsumerGroup = "others")] KafkaRecord record) => Assert.NotNull(record);
    }
}
