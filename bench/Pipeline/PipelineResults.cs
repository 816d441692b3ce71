using System.Globalization;
using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Pipeline;

/// <summary>One round at a rate.</summary>
/// <param name="Rate">Requests that were sent a second, each at its time, whether the ones before were answered or not.</param>
/// <param name="Reached">Effects a second, from the first request to the last effect.</param>
/// <param name="Answered">From sending to the response, milliseconds.</param>
/// <param name="Effect">From sending to the effect's commit, milliseconds.</param>
/// <param name="EffectAt">When the effects were committed, timestamps of the system's clock.</param>
/// <param name="Hosts">So many hosts shared the requests, and what follows from them.</param>
public sealed record RateRound(int Rate, double Reached, IReadOnlyList<double> Answered, IReadOnlyList<double> Effect, IReadOnlyList<long> EffectAt, int Hosts = 1);

/// <summary>All rounds at a rate together.</summary>
/// <param name="Rate">Requests that were sent a second.</param>
/// <param name="Reached">Effects a second, the median of the rounds.</param>
/// <param name="AnsweredP50">The median from sending to the response, milliseconds.</param>
/// <param name="AnsweredP99">The 99th percentile of it.</param>
/// <param name="P50">The median from sending to the effect's commit.</param>
/// <param name="P95">The 95th percentile.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="Max">The longest.</param>
/// <param name="TimesTwin">The median, over the rounds, of the round's median as a multiple of the twin's in the round beside it; null without twin.</param>
/// <param name="Hosts">So many hosts.</param>
public sealed record RateResult(
    int Rate, double Reached, double AnsweredP50, double AnsweredP99, double P50, double P95, double P99, double Max, double? TimesTwin, int Hosts)
{
    /// <summary>Puts the rounds together.</summary>
    public static RateResult Of(IReadOnlyList<RateRound> rounds, IReadOnlyList<RateRound> twins)
    {
        var (answered, effect) = (rounds.SelectMany(round => round.Answered).ToList(), rounds.SelectMany(round => round.Effect).ToList());
        return new(
            rounds[0].Rate, rounds.Select(round => round.Reached).Median(), answered.Median(), answered.Percentile(99),
            effect.Median(), effect.Percentile(95), effect.Percentile(99), effect.Max(),
            twins.Count == 0 ? null : rounds.Zip(twins, (round, twin) => round.Effect.Median() / twin.Effect.Median()).Median(), rounds[0].Hosts);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Rate}/s on {Hosts} ({Reached:0} reached): p50 {P50:0.0}, p95 {P95:0.0}, p99 {P99:0.0}, max {Max:0} ms; answered p50 {AnsweredP50:0.0}, p99 {AnsweredP99:0.0} ms{(TimesTwin is { } times ? $"; {times:0.0} times the twin" : "")}");
}

/// <summary>How fast one part of the pipeline is, in a process of its own with nothing else to do.</summary>
/// <param name="Part">The function.</param>
/// <param name="Events">So many events it had to deal with.</param>
/// <param name="PerSecond">Events a second, from the first batch to the last.</param>
public sealed record SustainedResult(string Part, long Events, double PerSecond)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Part} alone: {PerSecond:N0} events/s ({Events:N0} events)");
}

/// <summary>How fast a whole host worked off a backlog.</summary>
/// <param name="Tasks">So many tasks had been created; each announces an event on each of two topics.</param>
/// <param name="RelayPerSecond">Events a second that the relay published while the consumers read.</param>
/// <param name="ConsumersPerSecond">Events a second that took effect.</param>
/// <param name="Seconds">From the start of the host until nothing was left.</param>
public sealed record CatchUpResult(int Tasks, double RelayPerSecond, double ConsumersPerSecond, double Seconds)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"backlog of {Tasks:N0} tasks: {Seconds:0.0} s; relay {RelayPerSecond:N0} events/s, effects {ConsumersPerSecond:N0}/s");
}

/// <summary>A transport's figures.</summary>
/// <param name="Transport">Its name.</param>
/// <param name="Rates">At each rate, with one host and with several.</param>
/// <param name="Contender">The same of the contender; empty where there is none.</param>
/// <param name="Sustained">Each part alone.</param>
/// <param name="CatchUp">A whole host with a backlog.</param>
public sealed record TransportResult(
    string Transport, IReadOnlyList<RateResult> Rates, IReadOnlyList<RateResult> Contender, IReadOnlyList<SustainedResult> Sustained, CatchUpResult CatchUp);

/// <summary>How soon events flow again after an outage of all brokers. Times are from the instant that they can be reached again.</summary>
/// <param name="Seconds">How long the brokers were gone.</param>
/// <param name="Bare">Until the first record of the bare client was confirmed, milliseconds.</param>
/// <param name="FirstEffect">Until the first of the tasks that were created meanwhile had taken effect, milliseconds.</param>
/// <param name="LastEffect">Until the last of them had.</param>
public sealed record OutageResult(int Seconds, double Bare, double FirstEffect, double LastEffect)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"brokers gone for {Seconds} s: bare client {Bare:0} ms, first effect {FirstEffect:0} ms, last {LastEffect:0} ms");
}

/// <summary>The twin's figures.</summary>
/// <param name="Rates">At the rates of the pipeline.</param>
/// <param name="PerSecond">Records a second, as fast as they go.</param>
public sealed record TwinResult(IReadOnlyList<RateResult> Rates, double PerSecond);
