using System.Text.Json.Nodes;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;
using Xunit.Sdk;

namespace TodoFlow.Tests.Integration.Recurrence;

/// <summary>A test of recurring tasks, whose events it delivers itself.</summary>
public abstract class NextOccurrenceTest(UndeliveredApp app) : IClassFixture<UndeliveredApp>
{
    protected UndeliveredApp App => app;

    protected static Guid Id(JsonNode task) => Guid.Parse(task["id"]!.GetValue<string>());

    protected static async Task<Guid> Recurring(ApiClient client, string rule, string due, string title = "a") =>
        (await client.Post("/api/tasks", new { title, recurrence = rule, due_date = due })).Is(201).Id;

    protected static async Task Complete(ApiClient client, Guid id) => (await client.Post($"/api/tasks/{id}/complete")).Is(200);

    protected static async Task<List<JsonNode>> Heads(ApiClient client) =>
        [.. (await client.Get("/api/tasks?status=pending")).Is(200).Json.AsArray().Where(task => task!["recurrence"]!.GetValue<string>() != "none").Select(task => task!)];

    protected static async Task<JsonNode> Head(ApiClient client) => Assert.Single(await Heads(client));

    protected async Task<List<Event>> Events() =>
        [.. (await App.Records()).Select(record => Event.TryRead(record.Value, out var read, out var reason) ? read : throw new XunitException(reason))];

    protected async Task<List<string>> TypesOf(Guid task) => await App.Database.Column<string>(
        $"select convert_from(payload, 'UTF8')::jsonb->>'type' from outbox where topic = 'task-events' and key = '{task}' order by position");
}
