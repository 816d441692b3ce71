using TodoFlow.Bench;
using TodoFlow.Bench.Assistant;
using TodoFlow.Bench.Fairness;
using TodoFlow.Bench.Growth;
using TodoFlow.Bench.Http;
using TodoFlow.Bench.Occurrence;
using TodoFlow.Bench.Page;
using TodoFlow.Bench.Pipeline;
using TodoFlow.Bench.Realtime;
using TodoFlow.Bench.Reminders;
using TodoFlow.Bench.Start;
using TodoFlow.Bench.Sync;
using TodoFlow.Bench.Writes;

var benches = new Dictionary<string, Func<BenchOptions, Task>>
{
    ["http"] = HttpBench.Run,
    ["pipeline"] = PipelineBench.Run,
    ["growth"] = GrowthBench.Run,
    ["writes"] = WriteBench.Run,
    ["occurrence"] = OccurrenceBench.Run,
    ["realtime"] = RealtimeBench.Run,
    ["fairness"] = FairnessBench.Run,
    ["reminders"] = ReminderBench.Run,
    ["start"] = StartBench.Run,
    ["sync"] = SyncBench.Run,
    ["assistant"] = AssistantBench.Run,
    ["page"] = PageBench.Run,
};

if (Environment.GetEnvironmentVariable("TODOFLOW_BENCH_POSTGRES") is not { } server)
{
    await Console.Error.WriteLineAsync("TODOFLOW_BENCH_POSTGRES names no server. ./todoflow bench starts one.");
    return 2;
}

if (args.Length == 0 || !benches.TryGetValue(args[0], out var bench) || BenchOptions.Parse(server, args.AsSpan(1)) is not { } options)
{
    await Console.Error.WriteLineAsync($"Which one? {string.Join(", ", benches.Keys)}; then [--quick] [--seconds N] [--rounds N] [--only NAME] [--sizes N,N] [--seed N] [--contender PATH]");
    return 2;
}

try
{
    await bench(options);
    return 0;
}
catch (ArgumentException error) when (error.ParamName is null)
{
    await Console.Error.WriteLineAsync($"{args[0]}: {error.Message}");
    return 2;
}
catch (Exception error)
{
    // What it started is stopped already; an exception that nobody catches would abort the process with a dump.
    await Console.Error.WriteLineAsync($"{args[0]} failed: {error}");
    return 1;
}
