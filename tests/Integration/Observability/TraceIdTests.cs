using System.Diagnostics;
using System.Text.Json.Nodes;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Observability;
using Xunit;

namespace TodoFlow.Tests.Integration.Observability;

/// <summary>The trace id of problems and logs where no traces are exported.</summary>
[Collection(TracedApp.Collection)]
public sealed class TraceIdTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task A_problem_names_the_trace_of_the_Functions_hosts_invocation()
    {
        using var traces = new TraceIds();

        // As the worker does around each invocation, once somebody listens.
        using var worker = new ActivitySource("Microsoft.Azure.Functions.Worker");
        Assert.True(ActivityContext.TryParse($"00-{Trace}-00f067aa0ba902b7-00", null, out var invocation));
        using var activity = worker.StartActivity("Invoke", ActivityKind.Internal, invocation);

        Assert.Equal(Trace, await TraceIdOfProblem());
        Assert.False(activity!.IsAllDataRequested); // nobody exports it
    }

    [Fact]
    public void Every_log_line_has_the_trace_and_the_correlation_id_it_was_written_under()
    {
        using var services = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(Scopes.Instance).AddTodoFlowLogging(new ConfigurationBuilder().Build()))
            .BuildServiceProvider();
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("TodoFlow.Test");
        using var activity = new Activity("test").SetParentId($"00-{Trace}-00f067aa0ba902b7-00").Start();
        Correlation.Id = "of-the-test";
        using (log.BeginScope("inner"))
        {
            Assert.Equal([$"trace_id={Trace} span_id={activity.SpanId} correlation_id=of-the-test", "inner"], Scopes.Current());
        }

        activity.Stop();
        Correlation.Id = "";
        Assert.Empty(Scopes.Current());
    }

    private static async Task<string> TraceIdOfProblem()
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = services, Response = { Body = new MemoryStream() } };
        await http.WriteProblem(new Problem(404, "not_found", "Nothing."));
        await http.Response.BodyWriter.FlushAsync();
        http.Response.Body.Position = 0;
        return JsonNode.Parse(http.Response.Body)!["trace_id"]!.GetValue<string>();
    }

    private sealed class Scopes : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider? _provider;

        public static Scopes Instance { get; } = new();

        public static List<string?> Current()
        {
            var scopes = new List<string?>();
            Instance._provider!.ForEachScope((scope, list) => list.Add(scope?.ToString()), scopes);
            return scopes;
        }

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _provider = scopeProvider;

        public ILogger CreateLogger(string categoryName) => new Logger(this);

        public void Dispose()
        {
            // It holds nothing.
        }

        private sealed class Logger(Scopes scopes) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => scopes._provider!.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                // The scopes are what is read.
            }
        }
    }
}
