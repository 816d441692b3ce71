using System.Text;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Invocation;

namespace TodoFlow.Host.Discovery;

/// <summary>
/// The function groups: what is deployed and scaled as one. They follow from the triggers, so a new function has its group when it is
/// written: HTTP below <c>/api</c> is <c>api</c>, timers are <c>scheduler</c>, and the consumers of the Kafka groups <c>x</c> and
/// <c>x.y</c>, below <c>Kafka:GroupPrefix</c>, are <c>x</c>. HTTP elsewhere (health, and what no function serves) asks a process about itself, so every process runs it.
/// </summary>
internal static class FunctionGroups
{
    private const string Api = "api";
    private const string Scheduler = "scheduler";

    /// <summary>The group of a function; null where every group runs it.</summary>
    /// <param name="function">The function.</param>
    /// <param name="prefix">What the names of its consumer groups begin with: <c>Kafka:GroupPrefix</c>.</param>
    /// <exception cref="HostStartException">It belongs to none.</exception>
    public static string? Of(HostedFunction function, string prefix) => function.Trigger switch
    {
        HttpTrigger http => http.Route.StartsWith("api/", StringComparison.Ordinal) || http.Route.StartsWith(".well-known/", StringComparison.Ordinal) ? Api : null,
        TimerTrigger => Scheduler,
        KafkaTrigger kafka when kafka.ConsumerGroup.StartsWith(prefix, StringComparison.Ordinal) => kafka.ConsumerGroup[prefix.Length..].Split('.')[0],
        KafkaTrigger kafka => throw HostStartException.ForFunction(
            function.Name, $"belongs to no function group: its consumer group '{kafka.ConsumerGroup}' does not begin with {prefix}"),
        _ => throw HostStartException.ForFunction(function.Name, "belongs to no function group: its trigger is of no known kind"),
    };

    /// <summary>The groups as the Helm chart reads them: YAML, in an order that does not change.</summary>
    /// <param name="catalog">The functions.</param>
    /// <param name="prefix">What the names of the consumer groups begin with; the names are written without it.</param>
    /// <exception cref="HostStartException">A function belongs to no group.</exception>
    public static string ToYaml(FunctionCatalog catalog, string prefix)
    {
        var groups = catalog.Functions.ToLookup(function => Of(function, prefix));
        var yaml = new StringBuilder("# Written by: dotnet run --project host -- functions > helm/todoflow/functions.yaml\n");
        Add(yaml, "", "everywhere", groups[null].Select(function => function.Name));
        yaml.Append("groups:\n");
        foreach (var group in groups.Where(group => group.Key is not null).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            yaml.Append($"  {group.Key}:\n");
            var consumers = group.Select(function => function.Trigger).OfType<KafkaTrigger>().ToList();
            if (consumers.Count > 0)
            {
                yaml.Append("    consumers:\n");
                foreach (var kafka in consumers.OrderBy(kafka => kafka.ConsumerGroup, StringComparer.Ordinal))
                {
                    yaml.Append($"      - group: {kafka.ConsumerGroup[prefix.Length..]}\n        topic: {kafka.Topic}\n");
                }
            }

            Add(yaml, "    ", "functions", group.Select(function => function.Name));
        }

        return yaml.ToString();
    }

    private static void Add(StringBuilder yaml, string indent, string name, IEnumerable<string> values)
    {
        yaml.Append($"{indent}{name}:\n");
        foreach (var value in values.Order(StringComparer.Ordinal))
        {
            yaml.Append($"{indent}  - {value}\n");
        }
    }
}
