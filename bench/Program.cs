using TodoFlow.Bench;

var benches = new Dictionary<string, Func<string, Task>>
{
    ["occurrence"] = OccurrenceBench.Run,
    ["realtime"] = RealtimeBench.Run,
    ["reminders"] = ReminderBench.Run,
    ["start"] = StartBench.Run,
};

if (args is not [var name] || !benches.TryGetValue(name, out var bench))
{
    await Console.Error.WriteLineAsync($"Which one? {string.Join(", ", benches.Keys)}");
    return 2;
}

if (Environment.GetEnvironmentVariable("TODOFLOW_BENCH_POSTGRES") is not { } server)
{
    await Console.Error.WriteLineAsync("TODOFLOW_BENCH_POSTGRES names no server. ./todoflow bench starts one.");
    return 2;
}

await bench(server);
return 0;
