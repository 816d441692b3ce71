using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Deployment.Scaling;

/// <summary>How a function group is scaled.</summary>
/// <param name="PollingInterval">Seconds between two looks of KEDA's.</param>
/// <param name="Activation">How much may wait until the first pod comes.</param>
/// <param name="Target">How much one pod is to carry.</param>
/// <param name="MaxReplicas">How many pods there are at most.</param>
/// <param name="WakesByDue">Whether it is up when something falls due soon.</param>
/// <param name="WakesByRecent">Whether it is up while an event was raised within the last minutes.</param>
public sealed record GroupSettings(int PollingInterval, int Activation, int Target, int MaxReplicas, bool WakesByDue, bool WakesByRecent);

/// <summary>How the chart scales its groups.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="IsWarm">Whether the one pod of <c>api</c> does the work of all groups, too.</param>
/// <param name="CooldownPeriod">Seconds without work until a group goes to zero.</param>
/// <param name="RecentMinutes">How long an event counts as recent.</param>
/// <param name="Groups">Each group that comes from zero.</param>
public sealed record ScalingSettings(string Name, bool IsWarm, int CooldownPeriod, int RecentMinutes, IReadOnlyDictionary<string, GroupSettings> Groups)
{
    /// <summary>How far ahead the query looks for what falls due, in seconds: twice the longer interval of those who wait for it.</summary>
    public int Ahead => 2 * Math.Max(Groups["scheduler"].PollingInterval, Groups["notifier"].PollingInterval);

    /// <summary>A profile with the chart's default values.</summary>
    public static ScalingSettings OfChart(string name, bool isWarm)
    {
        var values = Manifest.ReadYaml(Repository.Read("helm/todoflow/values.yaml")).Single()!;
        var keda = values["keda"]!;
        return new(name, isWarm, Number(keda, "cooldownPeriod"), Number(keda, "recentMinutes"), new[] { "audit", "notifier", "recurrence", "scheduler" }.ToDictionary(group => group, Read));

        GroupSettings Read(string group)
        {
            var of = values["groups"]![group]!;
            return new(
                of["pollingInterval"] is null ? Number(keda, "pollingInterval") : Number(of, "pollingInterval"),
                isWarm ? Number(of, "backlog") : 0,
                Number(of, "target"),
                Math.Min(Number(of, "maxReplicas"), Number(values["kafka"]!, "partitions")),
                !isWarm && group is ("scheduler" or "notifier"),
                !isWarm && group != "scheduler");
        }
    }

    /// <summary>The same with other groups.</summary>
    public ScalingSettings With(string name, Func<string, GroupSettings, GroupSettings> change) =>
        this with { Name = name, Groups = Groups.ToDictionary(group => group.Key, group => change(group.Key, group.Value)) };

    private static int Number(JsonNode node, string name) => (int)node[name]!.GetValue<double>();
}
