using System.Text.Json;
using Npgsql;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>
/// Finds what a call is about, for the user to see: the ids in its arguments with the titles that are stored, and the titles of what it would
/// add. What a model says of a task is not shown.
/// </summary>
public sealed class ApprovalItems(NpgsqlDataSource database, Caller caller)
{
    private const int Most = 25;
    private const int LongestTitle = 500;

    /// <summary>The tasks that a call is about, in the order of its arguments.</summary>
    public async Task<IReadOnlyList<ChatApprovalItem>> Find(JsonElement arguments, CancellationToken ct)
    {
        var named = arguments.EnumerateObject().Where(argument => argument.Value.ValueKind == JsonValueKind.Array)
            .SelectMany(argument => argument.Value.EnumerateArray()).Take(Most).Select(item => (Id: IdOf(item), New: NewTitleOf(item))).ToList();
        var titles = await Titles([.. named.Select(item => item.Id).OfType<Guid>()], ct);
        return
        [
            .. named.Select(item => item.Id is { } id && titles.TryGetValue(id, out var title)
                ? new ChatApprovalItem(id, title)
                : new ChatApprovalItem(null, item.New ?? "(no such task)")),
        ];
    }

    private static Guid? IdOf(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.String => item.TryGetGuid(out var id) ? id : null,
        JsonValueKind.Object => item.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? IdOf(id) : null,
        _ => null,
    };

    // JSON can spell half a surrogate pair, which is no text.
    private static string? NewTitleOf(JsonElement item)
    {
        try
        {
            return item.ValueKind == JsonValueKind.Object && item.TryGetProperty("title", out var title) && title.ValueKind == JsonValueKind.String
                ? title.GetString() is { Length: > LongestTitle } text ? text[..LongestTitle] : title.GetString()
                : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private async Task<Dictionary<Guid, string>> Titles(Guid[] ids, CancellationToken ct)
    {
        var titles = new Dictionary<Guid, string>();
        if (ids.Length == 0)
        {
            return titles;
        }

        await using var command = database.CreateCommand(
            """
            select id, title from task_item where user_id = $1 and id = any($2)
            union all select id, task ->> 'title' from trashed_task where user_id = $1 and id = any($2)
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.UserId });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            titles.TryAdd(rows.GetGuid(0), rows.GetString(1));
        }

        return titles;
    }
}
