using Npgsql;
using NpgsqlTypes;

namespace TodoFlow.Tests.Support;

/// <summary>A generated task, as a naive program would keep it in memory.</summary>
public sealed record SeedTask(
    Guid Id, string Title, string? Description, bool Completed, short Priority, string[] Tags, DateTimeOffset? Due, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>Fills the database with generated tasks, faster than over HTTP: for tests that need many.</summary>
public static class TaskSeed
{
    private static readonly string[] Words =
        ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima", "mike", "november", "oscar"];

    /// <summary>Adds users; nobody can sign in as them.</summary>
    public static async Task<List<Guid>> Users(TestDatabase database, int count)
    {
        var users = Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7()).ToList();
        await using var command = database.Source.CreateCommand(
            "insert into app_user (id, email, normalized_email, password_hash, time_zone, created_at) select id, id || '@seed', id || '@seed', '', 'UTC', now() from unnest($1) id");
        command.Parameters.Add(new() { Value = users.ToArray() });
        await command.ExecuteNonQueryAsync();
        return users;
    }

    /// <summary>Adds tasks of a user, the same for the same seed. Instants tie now and then, and a tenth has no due date.</summary>
    public static async Task<List<SeedTask>> Tasks(TestDatabase database, Guid user, int count, int seed)
    {
        var random = new Random(seed);
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var tasks = new List<SeedTask>(count);
        for (var i = 0; i < count; i++)
        {
            var created = start.AddMinutes(random.Next(count));
            tasks.Add(new SeedTask(
                Guid.CreateVersion7(created),
                $"{Pick(random)} {Pick(random)} {(random.Next(2) == 0 ? "Task" : "task")} {random.Next(count)}{(random.Next(500) == 0 ? " needle" : "")}",
                random.Next(3) == 0 ? $"{Pick(random)} {Pick(random)} {Pick(random)}" : null,
                random.Next(3) == 0,
                (short)random.Next(3),
                [.. Enumerable.Range(0, random.Next(4)).Select(_ => Pick(random)).Distinct()],
                random.Next(10) == 0 ? null : start.AddHours(random.Next(count)),
                created,
                created.AddMinutes(random.Next(1000))));
        }

        await using var connection = await database.Source.OpenConnectionAsync();
        await using var writer = await connection.BeginBinaryImportAsync(
            """
            copy task_item (id, user_id, title, description, status, priority, tags, due_date, due_at, overdue_at, time_zone,
                recurrence_basis, version, created_at, updated_at, completed_at, field_versions) from stdin (format binary)
            """);
        writer.Timeout = TimeSpan.FromMinutes(5); // 10,000 rows and all their indexes, on a busy machine
        foreach (var task in tasks)
        {
            await Write(writer, user, task);
        }

        await writer.CompleteAsync();
        return tasks;
    }

    private static string Pick(Random random) => Words[random.Next(Words.Length)];

    private static async Task Write(NpgsqlBinaryImporter writer, Guid user, SeedTask task)
    {
        await writer.StartRowAsync();
        await writer.WriteAsync(task.Id);
        await writer.WriteAsync(user);
        await writer.WriteAsync(task.Title);
        await WriteOrNull(writer, task.Description);
        await writer.WriteAsync((short)(task.Completed ? 1 : 0));
        await writer.WriteAsync(task.Priority);
        await writer.WriteAsync(task.Tags);
        await WriteOrNull(writer, task.Due?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
        await WriteOrNull(writer, task.Due);
        await WriteOrNull(writer, task.Due);
        await writer.WriteAsync("UTC");
        await writer.WriteAsync((short)0);
        await writer.WriteAsync(1L);
        await writer.WriteAsync(task.CreatedAt);
        await writer.WriteAsync(task.UpdatedAt);
        await WriteOrNull(writer, task.Completed ? task.UpdatedAt : (DateTimeOffset?)null);
        await writer.WriteAsync("{}", NpgsqlDbType.Jsonb);
    }

    private static Task WriteOrNull<T>(NpgsqlBinaryImporter writer, T? value) =>
        value is null ? writer.WriteNullAsync() : writer.WriteAsync(value);
}
