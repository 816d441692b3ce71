using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TodoFlow.Host;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Integration.Chat;

/// <summary>The application with a scripted model, at a time that stands still: Saturday, 2026-11-28, 11:20 in Berlin.</summary>
public class ChatApp : TestApp
{
    public FakeClock Time { get; } = new(new DateTimeOffset(2026, 11, 28, 10, 20, 0, TimeSpan.Zero));

    public ScriptedModel Model { get; private set; } = null!;

    protected override TimeProvider Clock => Time;

    public override async Task InitializeAsync()
    {
        Model = await ScriptedModel.Start();
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Model.DisposeAsync();
    }

    /// <summary>A client of a new user in Berlin, and a model that has heard nothing.</summary>
    public Task<ApiClient> User()
    {
        Model.Clear();
        Time.Advance(TimeSpan.FromMinutes(2)); // nothing of another test's minute
        return SignUp("Europe/Berlin");
    }

    protected override void Configure(HostApplicationOptions options)
    {
        options.Settings["Chat:Endpoint"] = Model.Address.AbsoluteUri;
        options.Settings["Chat:Model"] = "scripted-1";
        options.Settings["Chat:ApiKey"] = "the key of the scripted model";
    }
}

/// <summary>What tests do with the chat.</summary>
internal static class ChatClients
{
    public static Task<ApiAnswer> Say(this ApiClient client, string message, Guid? conversation = null) =>
        client.Post("/api/chat", conversation is null ? new { message } : new { message, conversation_id = conversation });

    public static Task<ApiAnswer> Decide(this ApiClient client, ApiAnswer asked, bool approve, int index = 0) => client.Post(
        $"/api/chat/{asked.Text("conversation_id")}/approvals", new { request_id = (string)asked["approvals"]![index]!["request_id"]!, approve });

    public static Guid Conversation(this ApiAnswer answer) => Guid.Parse(answer.Text("conversation_id"));

    public static async Task<Guid> AddTask(this ApiClient client, string title, string? due = null, string? description = null) =>
        (await client.Post("/api/tasks", new { title, due_date = due, description })).Is(201).Id;

    public static async Task<string[]> Titles(this ApiClient client) =>
        [.. (await client.Get("/api/tasks?status=pending&sort_by=title&order=asc")).Is(200).Json.AsArray().Select(task => (string)task!["title"]!)];

    /// <summary>The types and titles of the actions that a response lists.</summary>
    public static string[] Actions(this ApiAnswer answer) => Actions(answer.Json);

    public static string[] Actions(this JsonNode response) =>
        [.. response["actions"]!.AsArray().Select(action => $"{action!["type"]} {action["title"]}")];

    /// <summary>The events of a message that is sent with <c>Accept: text/event-stream</c>.</summary>
    public static async Task<List<(string Name, JsonNode Data)>> Events(this ApiClient client, string path, object body, CancellationToken ct = default)
    {
        using var http = new HttpClient { BaseAddress = client.Address };
        using var request = client.EventRequest(path, body);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        Xunit.Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return Parse(await response.Content.ReadAsStringAsync(ct));
    }

    public static HttpRequestMessage EventRequest(this ApiClient client, string path, object body)
    {
        var json = JsonSerializer.Serialize(body);
        LogAudit.Remember(json);
        return new(HttpMethod.Post, path)
        {
            Headers = { Authorization = new("Bearer", client.Token), Accept = { new MediaTypeWithQualityHeaderValue("text/event-stream") } },
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
    }

    public static List<(string Name, JsonNode Data)> Parse(string stream) =>
    [
        .. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split('\n'))
            .Select(lines => (lines[0]["event: ".Length..], JsonNode.Parse(lines[1]["data: ".Length..])!)),
    ];

    /// <summary>The messages of a request to the model with this role.</summary>
    public static List<JsonNode> Sent(this JsonObject request, string role) =>
        [.. request["messages"]!.AsArray().Where(message => (string)message!["role"]! == role).Select(message => message!)];
}
