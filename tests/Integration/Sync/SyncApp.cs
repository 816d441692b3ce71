using System.Text.Json.Nodes;
using TodoFlow.Functions.Sync;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Sync;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Integration.Sync;

/// <summary>What tests of syncing share.</summary>
public sealed class SyncApp : TestApp
{
    /// <summary>A user without a request.</summary>
    public async Task<Guid> AddUser() => (await TaskSeed.Users(Database, 1)).Single();

    /// <summary>Runs what a request of a user would, without HTTP.</summary>
    public async Task<T> As<T>(Guid user, Func<IServiceProvider, Task<T>> act)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Caller>().SignIn(user, "UTC");
        return await act(scope.ServiceProvider);
    }

    /// <summary>A sync request without HTTP.</summary>
    public Task<(List<CommandResult> Results, ChangePage Page)> Sync(Guid user, string? token, int limit, params CommandRequest[] commands) => As(user, async services =>
    {
        var feed = services.GetRequiredService<ChangeFeed>();
        var from = await feed.Open(token, null, CancellationToken.None);
        var results = await services.GetRequiredService<CommandRunner>().Run(commands, CancellationToken.None);
        return (results, await feed.Pull(from, limit, services.GetRequiredService<PageBudget>(), CancellationToken.None));
    });
}

/// <summary>Shorthands for syncing over HTTP.</summary>
internal static class SyncRequests
{
    /// <summary>A command.</summary>
    public static object Command(string type, Guid? task = null, object? args = null, long? baseVersion = null, Guid? id = null, DateTimeOffset? at = null) =>
        new { id = id ?? Guid.NewGuid(), type, task_id = task, args, base_version = baseVersion, client_time = at };

    /// <summary>One request.</summary>
    public static async Task<ApiAnswer> Sync(this ApiClient client, string? token, params object[] commands) =>
        (await client.Post("/api/sync", new { sync_token = token, commands })).Is(200);

    /// <summary>The token of a response.</summary>
    public static string Token(this ApiAnswer answer) => answer.Text("sync_token");

    /// <summary>The results' statuses.</summary>
    public static IEnumerable<string> Statuses(this ApiAnswer answer) => answer["results"]!.AsArray().Select(result => result!["status"]!.GetValue<string>());

    /// <summary>What changed of a resource.</summary>
    public static List<JsonNode> Changed(this ApiAnswer answer, string resource = "tasks") => [.. answer["changes"]![resource]!.AsArray().Select(row => row!)];

    /// <summary>What is told for the first time: what was written while a transaction ran anywhere on the server may be told again.</summary>
    public static List<JsonNode> NewSince(this ApiAnswer answer, ApiAnswer before, string resource = "tasks")
    {
        var known = before.Changed(resource).Select(row => row.ToJsonString()).ToHashSet();
        return [.. answer.Changed(resource).Where(row => !known.Contains(row.ToJsonString()))];
    }

    /// <summary>What was removed: resource, id and reason.</summary>
    public static IEnumerable<(string, Guid, string)> Removed(this ApiAnswer answer) =>
        answer.Changed("removed").Select(row => (row["resource"]!.GetValue<string>(), row["id"]!.GetValue<Guid>(), row["reason"]!.GetValue<string>()));
}
