namespace TodoFlow.Bench.Growth;
/// <summary>x</summary>
public static class GrowthBench { /// <summary>x</summary>
public static Task Run(BenchOptions options) => Task.CompletedTask; }
