using System.Diagnostics;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Tests.Integration.WebPush;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Observability;

/// <summary>The trace of a reminder: from the request that plans it, over what waits in tables, to each try to deliver it.</summary>
[Collection(TracedApp.Collection)]
public sealed class ReminderTelemetryTests : IAsyncLifetime
{
    private const string Caller = "00f067aa0ba902b7";

    private readonly string _trace = ActivityTraceId.CreateRandom().ToHexString();
    private readonly PushReceiver _pushes = new();
    private OtlpReceiver _collector = null!;
    private TracedApp? _app;

    public async Task InitializeAsync()
    {
        _collector = await OtlpReceiver.Start();
        await _pushes.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        await _pushes.DisposeAsync();
        await _collector.DisposeAsync();
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("kafka")]
    public async Task One_trace_leads_from_the_request_to_each_try_to_deliver(string transport)
    {
        using var kafka = transport == "kafka" ? await TracedApp.StartKafka() : null;
        await Start(new TracedApp(_collector.Endpoint, kafka?.Brokers)
        {
            More = { ["Email:Host"] = "127.0.0.1", ["Email:Port"] = "1", ["Email:Security"] = "none", ["Email:From"] = "reminders@example.com", ["Email:PublicUrl"] = "https://todo.example.com" }, // nobody listens
        });
        using var ada = await SignUpWithBrowser();
        await AddDueTask(ada);

        var spans = await SpansUntil("deliver web_push", "deliver email", "process reminders", "process task-updates", "POST api/tasks");
        var request = Assert.Single(spans, span => span.Kind == OtlpReceiver.Server);
        Assert.Equal(Caller, request.ParentId);
        var fired = Assert.Single(spans, span => span.Name == "fire reminder");
        Assert.Equal((request.Id, OtlpReceiver.Consumer, "fired"), (fired.ParentId, fired.Kind, fired.Attributes["todoflow.outcome"]));
        var due = Assert.Single(spans, span => span.Attributes.GetValueOrDefault("cloudevents.event_type") == "reminder.due.v1" && span.Kind == OtlpReceiver.Producer);
        Assert.Equal((fired.Id, "create reminders"), (due.ParentId, due.Name));
        Assert.Contains(spans, span => span.ParentId == due.Id && span.Name == "send reminders");
        Assert.Contains(spans, span => span.ParentId == due.Id && span.Name == "process reminders" && span.Attributes["messaging.consumer.group.name"] == ReminderNotifier.GroupName);
        var notified = Assert.Single(spans, span => span.ParentId == due.Id && span.Name == nameof(ReminderNotifier));

        var pushed = Assert.Single(spans, span => span.Name == "deliver web_push");
        Assert.Equal((notified.Id, OtlpReceiver.Client, 0), (pushed.ParentId, pushed.Kind, pushed.Status));
        Assert.Equal(("web_push", "sent", "1"), (pushed.Attributes["todoflow.channel"], pushed.Attributes["todoflow.outcome"], pushed.Attributes["todoflow.delivery.attempt"]));
        Assert.False(pushed.Attributes.ContainsKey("error.type"));
        Assert.False((await _pushes.Messages.Next()).Headers.ContainsKey("traceparent")); // somebody else's server

        var mailed = spans.First(span => span.Name == "deliver email");
        Assert.Equal((notified.Id, OtlpReceiver.Client, OtlpReceiver.Error), (mailed.ParentId, mailed.Kind, mailed.Status));
        Assert.Equal(("email", "retry", "connection_failed"), (mailed.Attributes["todoflow.channel"], mailed.Attributes["todoflow.outcome"], mailed.Attributes["error.type"]));

        // What goes to devices is an event like any other.
        var toDevices = Assert.Single(spans, span => span.Name == "create task-updates" && span.ParentId == notified.Id);
        Assert.Contains(spans, span => span.ParentId == toDevices.Id && span.Name == "process task-updates");

        Assert.StartsWith($"00-{_trace}-{request.Id}-", await _app!.Database.Scalar<string>("select trace_parent from reminder"), StringComparison.Ordinal);
        var attributes = string.Join(' ', spans.SelectMany(span => span.Attributes.Values));
        Assert.DoesNotContain("Grandma", attributes, StringComparison.Ordinal);
        Assert.DoesNotContain("@example.com", attributes, StringComparison.Ordinal);
        Assert.DoesNotContain(_pushes.Address.Authority, attributes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reminder_that_is_put_off_fires_in_the_trace_of_who_put_it_off()
    {
        await Start(new TracedApp(_collector.Endpoint, null));
        using var ada = await _app!.SignUp();
        var task = (await ada.Post("/api/tasks", new { title = "Call Grandma" })).Is(201);
        var reminder = (await ada.Post("/api/reminders", new { task_id = task.Id, remind_at = DateTimeOffset.UtcNow.AddDays(9) })).Is(201);

        (await ada.Post($"/api/reminders/{reminder.Id}/snooze", new { until = DateTimeOffset.UtcNow.AddSeconds(1) }, TraceParent)).Is(200);

        var spans = await SpansUntil("fire reminder", "POST api/reminders/{id:guid}/snooze");
        Assert.Equal(spans.Single(span => span.Kind == OtlpReceiver.Server).Id, spans.Single(span => span.Name == "fire reminder").ParentId);
    }

    [Theory]
    [InlineData("OTEL_TRACES_EXPORTER", "none")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    public async Task No_trace_is_kept_or_sent_where_none_is_exported(string setting, string value)
    {
        await Start(new TracedApp(_collector.Endpoint, null) { More = { [setting] = value } });
        using var ada = await SignUpWithBrowser();
        await AddDueTask(ada);
        await _pushes.Messages.Next();
        await _app!.StopHost(); // whatever were to be sent would be by now

        Assert.Equal(1, await _app.Database.Scalar<long>("select count(*) from reminder where fired_at is not null and trace_parent is null"));
        Assert.Equal(0, await _app.Database.Scalar<long>("select count(*) from delivery where trace_parent is not null"));
        Assert.Empty(await _collector.Until(_ => true));
    }

    [Fact]
    public async Task One_message_after_quiet_hours_is_linked_to_what_it_speaks_for()
    {
        var clock = new FakeClock(new DateTimeOffset(2026, 3, 1, 23, 0, 0, TimeSpan.Zero));
        await using var database = await TestPostgres.CreateDatabase();
        await using var process = await NotificationServices.Start(database, clock, [new ScriptedChannel()]);
        var ended = new Observed<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var user = await process.AddUser(preference => (preference.QuietFrom, preference.QuietTo, preference.TimeZone) = (new TimeOnly(22, 0), new TimeOnly(7, 0), "UTC"));

        var traces = new List<ActivityTraceId>();
        for (var i = 0; i < 3; i++)
        {
            using var request = Telemetry.Source.StartActivity("request")!;
            traces.Add(request.TraceId);
            await process.Fire(user);
            await process.Notify();
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        clock.Advance(TimeSpan.FromHours(8));
        await process.Deliver();

        Activity delivered;
        do
        {
            delivered = await ended.Next(); // other tests of this process end spans, too
        }
        while (delivered.OperationName != "deliver email" || delivered.TraceId != traces[0]);
        Assert.Equal(traces[1..], delivered.Links.Select(link => link.Context.TraceId));
        Assert.Equal(3, delivered.GetTagItem("todoflow.delivery.notifications"));
    }

    private (string Name, string Value) TraceParent => ("traceparent", $"00-{_trace}-{Caller}-01");

    private Task Start(TracedApp app) => (_app = app).InitializeAsync();

    private async Task<ApiClient> SignUpWithBrowser()
    {
        var ada = await _app!.SignUp();
        await _app.Database.Execute("update app_user set email_verified_at = created_at"); // without a mail server there is no link to follow
        using var browser = new PushBrowser(_pushes.Address);
        (await ada.Post("/api/notifications/push-subscriptions", browser.ToJson())).Is(201);
        return ada;
    }

    // Its reminder is due already.
    private async Task AddDueTask(ApiClient user) =>
        (await user.Post("/api/tasks", new { title = "Call Grandma", due_date = DateTimeOffset.UtcNow.AddMinutes(10), reminder_offset = "15 minutes" }, TraceParent)).Is(201);

    private async Task<List<OtlpReceiver.Span>> SpansUntil(params string[] names)
    {
        var all = await _collector.Until(spans => names.All(name => spans.Any(span => span.TraceId == _trace && span.Name == name)));
        return [.. all.Where(span => span.TraceId == _trace)];
    }
}
