namespace TodoFlow.Bench.Pipeline;
/// <summary>x</summary>
public static class PipelineBench { /// <summary>x</summary>
public static Task Run(BenchOptions options) => Task.CompletedTask; }
