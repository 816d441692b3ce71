using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;
using static TodoFlow.RawTwin.RawTasks;

namespace TodoFlow.RawTwin;

/// <summary>The same routes over a schema that knows nothing of TodoFlow's, <c>bench/Http/neutral.sql</c>: one statement each.</summary>
internal sealed class NeutralTasks(NpgsqlDataSource database)
{
    private const string Columns = "id, user_id, title, description, status, priority, tags, due_date, created_at, updated_at, completed_at";

    private const int ColumnCount = 11;
    private static readonly string[] Priorities = ["low", "medium", "high"];

    /// <summary>Answers a request.</summary>
    public Task Serve(HttpContext http)
    {
        var (method, path) = (http.Request.Method, http.Request.Path.Value!);
        return (method, path) switch
        {
            ("POST", "/api/tasks") => Create(http),
            ("POST", "/api/tasks/search") => Search(http),
            ("GET", "/api/tasks") => List(http),
            ("GET", "/health/ready") => Task.CompletedTask,
            ("GET", _) when path.StartsWith("/api/tasks/", StringComparison.Ordinal) => Get(http, Guid.Parse(path.AsSpan("/api/tasks/".Length))),
            _ => Missing(http),
        };
    }

    private async Task Get(HttpContext http, Guid id)
    {
        await using var command = database.CreateCommand($"select {Columns} from tasks where id = $1 and user_id = $2");
        Add(command, id);
        Add(command, UserOf(http));
        await using var rows = await command.ExecuteReaderAsync(http.RequestAborted);
        if (!await rows.ReadAsync(http.RequestAborted))
        {
            await Missing(http);
            return;
        }

        await using var json = Json(http);
        Write(json, rows);
    }

    private async Task List(HttpContext http)
    {
        var query = http.Request.Query;
        await using var command = database.CreateCommand();
        Add(command, UserOf(http));
        var sql = new StringBuilder($"select {Columns} from tasks where user_id = $1");
        if (query.TryGetValue("status", out var status))
        {
            And("status =", status.ToString());
        }

        if (query.TryGetValue("priority", out var priority))
        {
            And("priority =", (short)Array.IndexOf(Priorities, priority.ToString()));
        }

        if (query.TryGetValue("tags", out var tags))
        {
            And("tags @>", tags.ToString().Split(','));
        }

        if (query.TryGetValue("due_after", out var after))
        {
            And("due_date >", Instant(after.ToString()));
        }

        if (query.TryGetValue("due_before", out var before))
        {
            And("due_date <", Instant(before.ToString()));
        }

        var sort = query["sort_by"].ToString() switch { "updated_at" => "updated_at", "due_date" => "due_date", "priority" => "priority", "title" => "title", _ => "created_at" };
        var order = query["order"] == "asc" ? "asc" : "desc";
        var last = sort == "due_date" && order == "desc" ? " nulls last" : ""; // of what is never null it would keep the index from being used
        command.CommandText = sql.Append(CultureInfo.InvariantCulture, $" order by {sort} {order}{last}, id {order} limit 50").ToString();
        await using var rows = await command.ExecuteReaderAsync(http.RequestAborted);
        await using var json = Json(http);
        json.WriteStartArray();
        while (await rows.ReadAsync(http.RequestAborted))
        {
            Write(json, rows);
        }

        json.WriteEndArray();

        void And<T>(string condition, T value)
        {
            Add(command, value);
            sql.Append(CultureInfo.InvariantCulture, $" and {condition} ${command.Parameters.Count}");
        }
    }

    private async Task Search(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body, default, http.RequestAborted);
        await using var command = database.CreateCommand(
            $"""
            select {Columns}, count(*) over () from tasks cross join websearch_to_tsquery('simple', $2) as query
            where user_id = $1 and words @@ query order by ts_rank(words, query) desc, id desc limit 50
            """);
        Add(command, UserOf(http));
        Add(command, body.RootElement.GetProperty("query").GetString()!);
        await using var rows = await command.ExecuteReaderAsync(http.RequestAborted);
        await using var json = Json(http);
        json.WriteStartObject();
        json.WriteStartArray("results");
        var total = 0L;
        while (await rows.ReadAsync(http.RequestAborted))
        {
            total = rows.GetInt64(ColumnCount);
            Write(json, rows);
        }

        json.WriteEndArray();
        json.WriteNumber("total_count", total);
        json.WriteEndObject();
    }

    private async Task Create(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body, default, http.RequestAborted);
        var (task, now) = (body.RootElement, DateTimeOffset.UtcNow);
        await using var command = database.CreateCommand(
            $"""
            insert into tasks (id, user_id, title, description, status, priority, tags, due_date, created_at, updated_at)
            values ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $8) returning {Columns}
            """);
        Add(command, Guid.CreateVersion7(now));
        Add(command, UserOf(http));
        Add(command, task.GetProperty("title").GetString()!);
        Add(command, task.GetProperty("description").GetString()!);
        Add(command, (short)Array.IndexOf(Priorities, task.GetProperty("priority").GetString()));
        Add(command, task.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()!).ToArray());
        Add(command, Instant(task.GetProperty("due_date").GetString()!));
        Add(command, now);
        await using var rows = await command.ExecuteReaderAsync(http.RequestAborted);
        await rows.ReadAsync(http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status201Created;
        await using var json = Json(http);
        Write(json, rows);
    }

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUniversalTime();

    private static void Write(Utf8JsonWriter json, NpgsqlDataReader row)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, row.GetGuid(0));
        json.WriteString("user_id"u8, row.GetGuid(1));
        json.WriteString("title"u8, row.GetString(2));
        json.WriteString("description"u8, row.IsDBNull(3) ? null : row.GetString(3));
        json.WriteString("status"u8, row.GetString(4));
        json.WriteString("priority"u8, Priorities[row.GetInt16(5)]);
        RawTask.WriteTags(json, row.GetFieldValue<string[]>(6));
        RawTask.WriteInstant(json, "due_date"u8, row, 7);
        RawTask.WriteInstant(json, "created_at"u8, row, 8);
        RawTask.WriteInstant(json, "updated_at"u8, row, 9);
        RawTask.WriteInstant(json, "completed_at"u8, row, 10);
        json.WriteEndObject();
    }
}
