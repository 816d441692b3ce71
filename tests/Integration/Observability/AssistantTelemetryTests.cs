using System.Diagnostics;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Observability;

/// <summary>
/// What a collector receives of the assistant: spans and metrics by OpenTelemetry's semantic conventions for generative AI
/// (opentelemetry.io/docs/specs/semconv/gen-ai), without a word of the user's or the model's.
/// </summary>
[Collection(TracedApp.Collection)]
public sealed class AssistantTelemetryTests : IAsyncLifetime
{
    // Of no other test: what is measured of a model is measured in the whole process.
    private const string Model = "traced-1";
    private const string Key = "the key of the traced model";

    private readonly string _trace = ActivityTraceId.CreateRandom().ToHexString();
    private OtlpReceiver _collector = null!;
    private ScriptedModel _model = null!;
    private TracedApp _app = null!;

    public async Task InitializeAsync()
    {
        _collector = await OtlpReceiver.Start();
        _model = await ScriptedModel.Start();
        _app = new TracedApp(_collector.Endpoint, null)
        {
            More = { ["Chat:Endpoint"] = _model.Address.AbsoluteUri, ["Chat:Model"] = Model, ["Chat:ApiKey"] = Key, ["OTEL_METRIC_EXPORT_INTERVAL"] = "100" },
        };
        await _app.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        await _model.DisposeAsync();
        await _collector.DisposeAsync();
    }

    [Fact]
    public async Task A_message_leaves_a_span_of_each_response_and_of_each_call_and_what_they_took()
    {
        using var alice = await _app.SignUp();
        _model
            .Calls(("add_tasks", new { tasks = new[] { new { title = "Surprise party for Ada", description = "With lanterns" } } }), ("get_task", new { id = Guid.NewGuid() }))
            .Says("Ada will be delighted.");

        (await alice.Post("/api/chat", new { message = "Plan something wonderful" }, TraceParent)).Is(200);

        var spans = await SpansUntil($"chat {Model}", "execute_tool get_task", "POST api/chat");
        var request = Assert.Single(spans, span => span.Kind == OtlpReceiver.Server); // the model's own are in no trace of ours
        var responses = spans.Where(span => span.Name == $"chat {Model}").ToList();
        Assert.Equal(["[\"stop\"]", "[\"tool_calls\"]"], responses.Select(span => span.Attributes["gen_ai.response.finish_reasons"]).Order());
        Assert.All(responses, span =>
        {
            Assert.Equal((request.Id, OtlpReceiver.Client, 0), (span.ParentId, span.Kind, span.Status));
            Assert.Equal(
                ("chat", "openai", Model, "scripted-1", "100", "10"),
                (span.Attributes["gen_ai.operation.name"], span.Attributes["gen_ai.provider.name"], span.Attributes["gen_ai.request.model"],
                    span.Attributes["gen_ai.response.model"], span.Attributes["gen_ai.usage.input_tokens"], span.Attributes["gen_ai.usage.output_tokens"]));
            Assert.Equal((_model.Address.Host, $"{_model.Address.Port}"), (span.Attributes["server.address"], span.Attributes["server.port"]));
            Assert.False(span.Attributes.ContainsKey("error.type"));
        });

        var added = Assert.Single(spans, span => span.Name == "execute_tool add_tasks");
        var missed = Assert.Single(spans, span => span.Name == "execute_tool get_task");
        Assert.Equal((request.Id, OtlpReceiver.Internal, 0), (added.ParentId, added.Kind, added.Status));
        Assert.Equal(
            ("execute_tool", "add_tasks", "function"),
            (added.Attributes["gen_ai.operation.name"], added.Attributes["gen_ai.tool.name"], added.Attributes["gen_ai.tool.type"]));
        Assert.False(added.Attributes.ContainsKey("error.type"));
        Assert.Equal((OtlpReceiver.Error, "task_not_found"), (missed.Status, missed.Attributes["error.type"]));
        Assert.Contains(spans, span => span.Scope == "Npgsql" && span.ParentId == added.Id); // what it changes is below it

        var measured = await _collector.UntilMeasured(metrics => OfModel(metrics, "gen_ai.client.operation.duration").Sum(metric => (long)metric.Count) == 2
            && OfModel(metrics, "gen_ai.client.token.usage").Count() == 2 && Turns(metrics).Any());
        var duration = Assert.Single(OfModel(measured, "gen_ai.client.operation.duration"));
        Assert.Equal(("s", false), (duration.Unit, duration.Attributes.ContainsKey("error.type")));
        var tokens = OfModel(measured, "gen_ai.client.token.usage").ToDictionary(metric => metric.Attributes["gen_ai.token.type"]);
        Assert.Equal((200, 20), (tokens["input"].Value, tokens["output"].Value));
        Assert.All(tokens.Values, metric => Assert.Equal("{token}", metric.Unit));
        Assert.All([duration, .. tokens.Values], metric => Assert.Equal(
            ("chat", "openai", "scripted-1"), (metric.Attributes["gen_ai.operation.name"], metric.Attributes["gen_ai.provider.name"], metric.Attributes["gen_ai.response.model"])));

        Assert.Equal(
            ["add_tasks ", "get_task task_not_found"],
            Of(measured, "todoflow.assistant.tool.duration").Select(metric => $"{metric.Attributes["gen_ai.tool.name"]} {metric.Attributes.GetValueOrDefault("error.type")}").Order());
        Assert.Equal((1, "add_tasks"), Of(measured, "todoflow.assistant.tool.changes").Select(metric => (metric.Value, metric.Attributes["gen_ai.tool.name"])).Single());
        Assert.Equal((1, "model", "answered"), Turns(measured).Single());
        AssertNoTexts("Surprise party", "lanterns", "delighted", "something wonderful");
    }

    [Theory]
    [InlineData(429, "busy")]
    [InlineData(401, "refused")]
    [InlineData(500, "unavailable")]
    public async Task A_provider_that_fails_is_an_error_of_its_span_and_counted_by_what_the_alert_watches(int status, string outcome)
    {
        using var alice = await _app.SignUp();
        _model.Fails(status);

        Assert.InRange((await alice.Post("/api/chat", new { message = "Plan something wonderful" }, TraceParent)).Status, 500, 599);

        var failed = Assert.Single(await SpansUntil($"chat {Model}", "POST api/chat"), span => span.Name == $"chat {Model}");
        Assert.Equal((OtlpReceiver.Client, OtlpReceiver.Error), (failed.Kind, failed.Status));
        Assert.NotEmpty(failed.Attributes["error.type"]);
        Assert.False(failed.Attributes.ContainsKey("gen_ai.usage.input_tokens"));

        var measured = await _collector.UntilMeasured(metrics => Turns(metrics).Any());
        Assert.Equal((1, "model", outcome), Turns(measured).Single());
        Assert.Contains(OfModel(measured, "gen_ai.client.operation.duration"), metric => metric.Attributes.GetValueOrDefault("error.type") == failed.Attributes["error.type"]);
        AssertNoTexts("something wonderful");
    }

    private (string Name, string Value) TraceParent => ("traceparent", $"00-{_trace}-00f067aa0ba902b7-01");

    private static IEnumerable<OtlpReceiver.Measured> Of(IEnumerable<OtlpReceiver.Measured> metrics, string name) => metrics.Where(metric => metric.Metric == name);

    private static IEnumerable<OtlpReceiver.Measured> OfModel(IEnumerable<OtlpReceiver.Measured> metrics, string name) =>
        Of(metrics, name).Where(metric => metric.Attributes["gen_ai.request.model"] == Model);

    private static IEnumerable<(double, string, string)> Turns(IEnumerable<OtlpReceiver.Measured> metrics) =>
        Of(metrics, "todoflow.chat.turns").Select(metric => (metric.Value, metric.Attributes["todoflow.mode"], metric.Attributes["todoflow.outcome"]));

    private void AssertNoTexts(params string[] texts)
    {
        Assert.NotEmpty(_collector.Received);
        Assert.All([Key, .. texts], text => Assert.DoesNotContain(text, _collector.Received, StringComparison.Ordinal));
    }

    private async Task<List<OtlpReceiver.Span>> SpansUntil(params string[] names)
    {
        var all = await _collector.Until(spans => names.All(name => spans.Any(span => span.TraceId == _trace && span.Name == name)));
        return [.. all.Where(span => span.TraceId == _trace)];
    }
}
