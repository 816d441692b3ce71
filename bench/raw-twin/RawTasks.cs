using System.Text.Json;
using Npgsql;

namespace TodoFlow.RawTwin;

/// <summary>The routes: one prepared statement each, in one round trip, written to the response row by row.</summary>
internal sealed class RawTasks(NpgsqlDataSource database)
{
    private const string Columns =
        "id, user_id, title, description, status, priority, tags, due_date, time_zone, recurrence, recurrence_basis, " +
        "parent_task_id, series_id, occurrence, reminder_offset, version, created_at, updated_at, completed_at";

    private const int ColumnCount = 19;
    private static readonly string[] Priorities = ["low", "medium", "high"];

    /// <summary>Answers a request.</summary>
    public Task Serve(HttpContext http)
    {
        var (method, path) = (http.Request.Method, http.Request.Path.Value!);
        return (method, path) switch
        {
            ("POST", "/api/tasks") => Create(http),
            ("POST", "/api/tasks/search") => Search(http),
            ("POST", "/api/sync") => Changes(http),
            ("GET", "/api/tasks") => List(http),
            ("GET", "/health/ready") => Ready(http),
            ("GET", _) when path.StartsWith("/api/tasks/", StringComparison.Ordinal) => Get(http, Guid.Parse(path.AsSpan("/api/tasks/".Length))),
            _ => Missing(http),
        };
    }

    private async Task Ready(HttpContext http)
    {
        await using var command = database.CreateCommand("select 1");
        await command.ExecuteNonQueryAsync(http.RequestAborted);
    }

    internal static Task Missing(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private async Task Get(HttpContext http, Guid id)
    {
        await using var command = database.CreateCommand($"select {Columns} from task_item where id = $1 and user_id = $2");
        Add(command, id);
        Add(command, UserOf(http));
        await using var rows = await command.ExecuteReaderAsync(http.RequestAborted);
        if (!await rows.ReadAsync(http.RequestAborted))
        {
            await Missing(http);
            return;
        }

        await using var json = Json(http);
        RawTask.Write(json, rows);
    }

    private async Task List(HttpContext http)
    {
        var query = http.Request.Query;
        await using var command = database.CreateCommand();
        Add(command, UserOf(http));
        if (query.TryGetValue("tags", out var tag))
        {
            command.CommandText =
                $"""
                select {Columns} from (select task_id as tagged_id, created_at as tagged_at from task_tag where user_id = $1 and tag = $2) as tagged
                cross join lateral (select * from task_item where id = tagged_id offset 0) as task_item
                order by tagged_at desc, tagged_id desc limit 50
                """;
            Add(command, tag.ToString());
        }
        else
        {
            command.CommandText =
                $"select {Columns} from task_item where user_id = $1 and status = $2 and due_at is not null order by due_at, id limit 50";
            Add(command, (short)0);
        }

        await using var rows = await command.ExecuteReaderAsync(http.RequestAborted);
        await using var json = Json(http);
        json.WriteStartArray();
        while (await rows.ReadAsync(http.RequestAborted))
        {
            RawTask.Write(json, rows);
        }

        json.WriteEndArray();
    }

    private async Task Search(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body, default, http.RequestAborted);
        await using var command = database.CreateCommand(
            $"""
            with sought as materialized (
                select query, task_words_query($1, query) as words
                from (
                    select case when typed::text like '%''' then (typed::text || ':*')::tsquery else typed end as query
                    from websearch_to_tsquery('simple', $2) as typed offset 0
                ) as given
            ), matched as materialized (
                select id, ts_rank(search_vector, (select query from sought)) as rank, created_at as sort
                from (select * from task_item where task_search_keys(user_id, title, description, tags) @@ (select words from sought) offset 0) as task_item
                where user_id = $1 and search_vector @@ (select query from sought) limit 10000
            )
            select {Columns}, total
            from (select count(*) as total from matched) as counted
            left join (
                select * from (select * from matched order by rank desc, sort desc, id desc limit 50) as page join task_item using (id)
            ) as found on true
            order by rank desc, sort desc, id desc
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
            if (!rows.IsDBNull(0))
            {
                RawTask.Write(json, rows);
            }
        }

        json.WriteEndArray();
        json.WriteNumber("total_count", total);
        json.WriteEndObject();
    }

    private async Task Changes(HttpContext http)
    {
        await using var command = database.CreateCommand(
            $"select {Columns}, pg_snapshot_xmin(pg_current_snapshot())::text from task_item where user_id = $1 and changed_xid >= $2 order by changed_xid, id limit 501");
        Add(command, UserOf(http));
        command.Parameters.Add(new NpgsqlParameter<ulong>
        {
            TypedValue = ulong.Parse(http.Request.Headers["X-Xid"].ToString(), System.Globalization.CultureInfo.InvariantCulture),
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Xid8,
        });
        await using var rows = await command.ExecuteReaderAsync(http.RequestAborted);
        await using var json = Json(http);
        json.WriteStartObject();
        json.WriteStartArray("tasks");
        var token = "";
        while (await rows.ReadAsync(http.RequestAborted))
        {
            RawTask.Write(json, rows);
            token = rows.GetString(ColumnCount);
        }

        json.WriteEndArray();
        json.WriteString("sync_token", token);
        json.WriteEndObject();
    }

    private async Task Create(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body, default, http.RequestAborted);
        var now = DateTimeOffset.UtcNow;
        var id = Guid.CreateVersion7(now);
        var (user, task) = (UserOf(http), body.RootElement);
        var title = task.GetProperty("title").GetString()!;
        var description = task.GetProperty("description").GetString();
        var priority = (short)Array.IndexOf(Priorities, task.GetProperty("priority").GetString());
        var tags = task.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()!).ToArray();
        var due = task.GetProperty("due_date").GetString()!;
        var dueAt = DateTimeOffset.Parse(due, System.Globalization.CultureInfo.InvariantCulture).ToUniversalTime();
        await using var command = database.CreateCommand(
            """
            insert into task_item (id, user_id, title, description, status, priority, tags, due_date, due_at, overdue_at, time_zone,
                recurrence_basis, version, created_at, updated_at, field_versions)
            values ($1, $2, $3, $4, 0, $5, $6, $7, $8, $8, 'UTC', 0, 1, $9, $9, '{}')
            """);
        Add(command, id);
        Add(command, user);
        Add(command, title);
        Add(command, description);
        Add(command, priority);
        Add(command, tags);
        Add(command, due);
        Add(command, dueAt);
        Add(command, now);
        await command.ExecuteNonQueryAsync(http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status201Created;
        await using var json = Json(http);
        RawTask.Write(json, id, user, title, description, priority, tags, due, now);
    }

    internal static Guid UserOf(HttpContext http) => Guid.Parse(http.Request.Headers["X-User"].ToString());

    internal static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });

    internal static Utf8JsonWriter Json(HttpContext http)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        return new(http.Response.BodyWriter, RawTask.Options);
    }
}
