using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Fairness;

/// <summary>What came of one attack on one build.</summary>
/// <param name="Build">Which build.</param>
/// <param name="Attack">Which attack.</param>
/// <param name="P50">The ordinary users' median, in milliseconds.</param>
/// <param name="P99">The time that 99 % of their requests do not exceed.</param>
/// <param name="Max">The longest.</param>
/// <param name="SignInP50">The median of their sign-ins.</param>
/// <param name="SignInMax">The longest sign-in.</param>
/// <param name="Failed">How many of their responses had a 5xx, or did not come.</param>
/// <param name="Late">How late the latest reminder fired, in milliseconds; one that has not fired is as late as it was when the round ended.</param>
/// <param name="PeakMiB">The most memory that the process had in the machine.</param>
/// <param name="Hostile">How many responses of the hostile user had which status; 0 is none.</param>
internal sealed record FairnessRound(
    string Build, string Attack, double P50, double P99, double Max, double SignInP50, double SignInMax, int Failed, double Late, double PeakMiB,
    IReadOnlyDictionary<int, int> Hostile)
{
    /// <summary>Summarizes a round.</summary>
    public static FairnessRound Of(string build, string attack, OrdinaryResult ordinary, double late, long peak, IReadOnlyDictionary<int, int> hostile) => new(
        build, attack, ordinary.Requests.Median(), ordinary.Requests.Percentile(99), ordinary.Requests.Max(), ordinary.SignIns.Median(), ordinary.SignIns.Max(),
        ordinary.Failed, late, peak / 1024.0 / 1024, hostile);
}
