using Npgsql;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Http;

/// <summary>Users with many tasks, made inside PostgreSQL.</summary>
/// <param name="Database">The connection string.</param>
/// <param name="Users">The users who have tasks, each as many.</param>
/// <param name="Writers">As many users without tasks: whoever writes does not change what the others' requests cost.</param>
/// <param name="Tasks">Ids of tasks, some of each user's.</param>
public sealed record TaskData(string Database, IReadOnlyList<Guid> Users, IReadOnlyList<Guid> Writers, IReadOnlyList<(Guid User, Guid Task)> Tasks)
{
    /// <summary>A word in about a seventh of the titles.</summary>
    public const string CommonWord = "alpha";

    /// <summary>A word in one title of 500.</summary>
    public const string RareWord = "needle";

    /// <summary>Each word, as a tag, is on about a tenth of the tasks.</summary>
    public const string Tag = "golf";

    private const int TasksPerSample = 2000;

    // No trigger, and so no foreign key, is looked at: what they would do is done at once.
    private const string Bulk = "-c session_replication_role=replica -c maintenance_work_mem=1GB";

    /// <summary>The words of titles, and the tags.</summary>
    public static IReadOnlyList<string> Words { get; } =
        ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima", "mike", "november", "oscar"];

    // Of the users $1 the tasks with the numbers $2 to $3: always the same ones.
    private static readonly string Rows =
        $"""
        select
            -- UUIDv7: milliseconds, version, randomness
            (lpad(to_hex((extract(epoch from created) * 1000)::bigint), 12, '0') || '7' || substr(noise, 1, 3) || '8' || substr(noise, 4, 15))::uuid as id,
            user_id,
            word[1 + r1 % 15] || ' ' || word[1 + r2 % 15] || ' task ' || n || case when r3 % 500 = 0 then ' {RareWord}' else '' end as title,
            case when r3 % 3 = 0 then word[1 + r4 % 15] || ' ' || word[1 + r1 % 15] || ' ' || word[1 + r3 % 15] end as description,
            case when r4 % 3 = 0 then 1 else 0 end as status,
            r1 % 3 as priority,
            case r2 % 4 when 0 then '{"{}"}'::text[] when 1 then array[word[1 + r3 % 15]]
                when 2 then array[word[1 + r3 % 15], word[1 + (r3 + 4) % 15]] else array[word[1 + r3 % 15], word[1 + (r3 + 4) % 15], word[1 + (r3 + 9) % 15]] end as tags,
            case when r4 % 10 > 0 then date_trunc('second', timestamptz '2026-01-01Z' + r2 % 10000 * interval '1 hour') end as due,
            created,
            created + r1 % 1000 * interval '1 minute' as updated,
            case when r4 % 3 = 0 then created + r1 % 1000 * interval '1 minute' end as completed
        from generate_series($2::bigint * cardinality($1), ($3 + 1)::bigint * cardinality($1) - 1) as number
        cross join lateral (select number / cardinality($1) as n, ($1)[1 + number % cardinality($1)] as user_id) as turn
        cross join lateral (select md5(user_id::text || n) as noise) as random
        cross join lateral (select array['{string.Join("','", Words)}'] as word,
            ('x' || substr(noise, 1, 6))::bit(24)::int as r1, ('x' || substr(noise, 7, 6))::bit(24)::int as r2,
            ('x' || substr(noise, 13, 6))::bit(24)::int as r3, ('x' || substr(noise, 19, 6))::bit(24)::int as r4) as drawn
        cross join lateral (select timestamptz '2026-01-01Z' + n * interval '1 minute' as created) as times
        """;

    private static readonly string Insertion =
        $"""
        insert into task_item (id, user_id, title, description, status, priority, tags, due_date, due_at, overdue_at, time_zone,
            recurrence_basis, version, created_at, updated_at, completed_at, field_versions)
        select id, user_id, title, description, status, priority, tags, to_char(due at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), due, due,
            'UTC', 0, 1, created, updated, completed, '{"{}"}'
        from ({Rows}) as task
        """;

    /// <summary>Makes a database with users and their tasks.</summary>
    public static async Task<TaskData> Create(string server, int users, int tasksEach)
    {
        var database = await BenchDatabase.Create(server);
        var (readers, writers) = (await BenchDatabase.AddUsers(database, users), await BenchDatabase.AddUsers(database, users));
        await AddTasks(database, readers, tasksEach);
        return new TaskData(database, readers, writers, await Sample(database));
    }

    /// <summary>Makes the same tasks in a database with the neutral schema: <c>neutral.sql</c>.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateNeutral(string server, int tasksEach)
    {
        var database = await BenchDatabase.CreateEmpty(server);
        var schema = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "bench", "Http", "neutral.sql"))).Split(";\n", StringSplitOptions.RemoveEmptyEntries);
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Options = Bulk });
        await BenchDatabase.Execute(database, schema[0]);
        await Insert(
            source,
            $"""
            insert into tasks (id, user_id, title, description, status, priority, tags, due_date, created_at, updated_at, completed_at)
            select id, user_id, title, description, ('{"{pending,completed}"}'::text[])[1 + status], priority, tags, due, created, updated, completed from ({Rows}) as task
            """,
            Users, tasksEach);
        await BenchDatabase.Execute(database, schema[1..]);
        await BenchDatabase.Execute(database, "vacuum (analyze) tasks", "checkpoint");
        return database;
    }

    // Without the indexes of lists and searches, which are built at the end: it takes a fraction of the time. Tasks of all users are
    // written in turn, as in life, so that one user's rows lie far apart.
    private static async Task AddTasks(string database, IReadOnlyList<Guid> users, int each)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Options = Bulk });
        var indexes = new List<(string Name, string Definition)>();
        await using (var ask = source.CreateCommand("select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index where indrelid = 'task_item'::regclass and not indisunique"))
        await using (var rows = await ask.ExecuteReaderAsync())
        {
            while (await rows.ReadAsync())
            {
                indexes.Add((rows.GetString(0), rows.GetString(1)));
            }
        }

        await Execute($"drop index {string.Join(',', indexes.Select(index => index.Name))}");
        await Insert(source, Insertion, users, each);
        string[] rest =
        [
            "insert into task_tag (user_id, tag, created_at, task_id, due_at) select user_id, tag, created_at, id, due_at from task_item, unnest(tags) as tag",
            .. indexes.Select(index => index.Definition).OrderByDescending(sql => sql.Contains("USING gin", StringComparison.Ordinal)), // what takes longest first
        ];
        await Parallel.ForEachAsync(rest, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (sql, _) => await Execute(sql));
        await Execute("alter index ix_task_item_search alter column 1 set statistics 0"); // as M0019SearchIndex left the one that was dropped
        await Execute("vacuum (analyze) task_item, task_tag");
        await Execute("checkpoint");

        async Task Execute(string sql)
        {
            await using var command = source.CreateCommand(sql);
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync();
        }
    }

    // In two halves: one for each core.
    private static async Task Insert(NpgsqlDataSource source, string sql, IReadOnlyList<Guid> users, int each)
    {
        var half = each / 2;
        await Task.WhenAll(Insert(source, sql, users, 1, half), Insert(source, sql, users, half + 1, each));
    }

    private static async Task Insert(NpgsqlDataSource source, string sql, IReadOnlyList<Guid> users, int from, int to)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. users] });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = to });
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<(Guid User, Guid Task)>> Sample(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand($"select user_id, id from task_item order by substr(id::text, 20) limit {TasksPerSample}");
        await using var rows = await command.ExecuteReaderAsync();
        var tasks = new List<(Guid, Guid)>(TasksPerSample);
        while (await rows.ReadAsync())
        {
            tasks.Add((rows.GetGuid(0), rows.GetGuid(1)));
        }

        return tasks;
    }
}
