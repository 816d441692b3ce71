using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Integration.Reminders;

/// <summary>An application whose clock a test moves, and whose queue does what is due when a test says so. Events are not consumed.</summary>
public sealed class ReminderApp : TestApp
{
    /// <summary>The host's clock; 2026-01-01T00:00:00Z at first.</summary>
    public FakeClock Now { get; } = new();

    /// <summary>The queue.</summary>
    public ReminderQueue Queue => Host.Services.GetRequiredService<ReminderQueue>();

    /// <inheritdoc/>
    protected override TimeProvider Clock => Now;

    /// <summary>Fires what is due.</summary>
    public Task Sweep() => Queue.Sweep(TimeSpan.FromSeconds(2), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));

    /// <summary>Moves the clock and fires what is due then.</summary>
    public async Task Advance(TimeSpan by)
    {
        Now.Advance(by);
        await Sweep();
    }

    /// <summary>Delivers every event of <c>task-events</c> so far to a consumer group.</summary>
    public async Task Deliver<THandler>()
        where THandler : IEventHandler =>
        await Host.Services.GetRequiredService<Inbox>().Deliver(
            Host.Services.GetRequiredService<THandler>(), await EventServices.Records(Database), CancellationToken.None);

    /// <summary>The reminders of a task, in the order of their creation.</summary>
    public static async Task<List<JsonObject>> RemindersOf(ApiClient client, Guid task) =>
        [.. (await client.Get($"/api/reminders?task_id={task}")).Is(200).Json.AsArray().Select(reminder => reminder!.AsObject()).OrderBy(reminder => reminder["id"]!.GetValue<string>(), StringComparer.Ordinal)];

    /// <summary>The types of the events about a reminder, in their order, without <c>reminder.</c> and the version.</summary>
    public Task<List<string>> EventsOf(Guid reminder) => Database.Column<string>(
        $"""
        select substring(event->>'type' from 'reminder\.(.*)\.v1') from (select position, convert_from(payload, 'UTF8')::jsonb as event from outbox where topic = 'reminders') as t
        where event->'data'->>'reminder_id' = '{reminder}' order by position
        """);

    /// <summary>The steps of a reminder.</summary>
    public Task<List<string>> StepsOf(Guid reminder) => Database.Column<string>(
        $"select step || coalesce(' ' || detail, '') from reminder_step where reminder_id = '{reminder}' order by occurred_at, id");

    /// <inheritdoc/>
    protected override void Configure(HostApplicationOptions options)
    {
        options.Settings["Auth:AccessTokenLifetime"] = "365.00:00:00"; // a test may let months pass
        var served = typeof(FunctionsSetup).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetParameters().Any(parameter => parameter.IsDefined(typeof(HttpTriggerAttribute))))
            .Select(method => method.GetCustomAttribute<FunctionAttribute>()!.Name);
        foreach (var (index, name) in served.Index())
        {
            options.Settings[$"AzureFunctionsJobHost:functions:{index}"] = name;
        }
    }
}

/// <summary>Shorthands for reminders as the API answers them.</summary>
internal static class ReminderJson
{
    public static Guid Id(this JsonObject reminder) => reminder["id"]!.GetValue<Guid>();

    public static string? Text(this JsonObject reminder, string field) => reminder[field]?.GetValue<string>();

    public static DateTimeOffset At(this JsonObject reminder) => reminder["remind_at"]!.GetValue<DateTimeOffset>();

    public static (string? Status, string? Reason) State(this JsonObject reminder) => (reminder.Text("status"), reminder.Text("reason"));
}
