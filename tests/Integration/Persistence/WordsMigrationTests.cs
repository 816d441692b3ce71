using Npgsql;
using NpgsqlTypes;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Migrations;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Persistence;

/// <summary>The functions that make what tasks are found by were written anew under an index that was made by the old ones.</summary>
public sealed class WordsMigrationTests : IAsyncLifetime
{
    private const string Keys =
        "select title || ': ' || task_search_keys(user_id, title, description, tags)::text || ' ' || task_search_vector(title, description, tags)::text from task_item order by id";

    private TestDatabase _database = null!;
    private ServiceProvider _services = null!;
    private Migrator _migrator = null!;
    private Guid _user;

    public async Task InitializeAsync()
    {
        _database = await TestPostgres.CreateEmptyDatabase();
        _services = TestPostgres.Services(_database.ConnectionString);
        _migrator = _services.GetRequiredService<Migrator>();
        await _migrator.MigrateTo((await _migrator.Pending(CancellationToken.None)).TakeWhile(id => id != M0017Words.Id).Last(), CancellationToken.None);
        _user = (await TaskSeed.Users(_database, 1))[0];
        await TaskSeed.Tasks(_database, _user, 200, seed: 1);
        foreach (var (title, description, tags) in new[]
        {
            ("ab", null, ""), ("x", "", "one tag|two"), ("Façon de parler, Straße", "Œuvre Ångström", "café|wörk"), ("这是一个测试文档", "日本語 テキスト", "测试"),
            ("🎉 party 👍🏽", null, "🎉"), (new string('w', 400) + " short", new string('d', 600) + " e'nd \\ 'quoted'", "a b|c"), ("Привет, Ёлка й", "مرحبا ٣", "مهم"),
        })
        {
            await Add(title, description, tags);
        }
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task What_tasks_are_found_by_stays_as_it_is()
    {
        var before = await _database.Column<string>(Keys);

        await _migrator.MigrateTo(M0017Words.Id, CancellationToken.None);

        Assert.Equal(before, await _database.Column<string>(Keys));
    }

    [Fact]
    public async Task A_connection_that_was_open_before_searches_by_the_index()
    {
        await using var connection = await _database.Source.OpenConnectionAsync();
        await using var ask = new NpgsqlCommand(
            "set enable_seqscan = off; explain select id from task_item where task_search_keys(user_id, title, description, tags) @@ 'word'::tsquery", connection);
        Assert.Contains("ix_task_item_search", await Plan(ask), StringComparison.Ordinal);

        await _migrator.MigrateTo(M0017Words.Id, CancellationToken.None);

        Assert.Contains("ix_task_item_search", await Plan(ask), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statements_that_were_prepared_before_go_on()
    {
        await using var connection = await _database.Source.OpenConnectionAsync();
        await using var search = new NpgsqlCommand("select count(*) from task_item where task_search_keys(user_id, title, description, tags) @@ $1::tsquery", connection)
        {
            Parameters = { new() { Value = $"'{_user.ToString()[^12..]}'", NpgsqlDbType = NpgsqlDbType.Text } },
        };
        await using var add = new NpgsqlCommand(
            """
            insert into task_item (id, user_id, title, status, priority, tags, time_zone, recurrence_basis, version, created_at, updated_at, field_versions)
            values (gen_random_uuid(), $1, 'Plan the day', 0, 1, '{}', 'UTC', 0, 1, now(), now(), '{}')
            """, connection)
        {
            Parameters = { new() { Value = _user } },
        };
        await search.PrepareAsync();
        await add.PrepareAsync();
        var count = 0L;
        for (var i = 0; i < 10; i++) // PostgreSQL keeps a plan from the sixth time on
        {
            await add.ExecuteNonQueryAsync();
            count = (long)(await search.ExecuteScalarAsync())!;
        }

        await _migrator.MigrateTo(M0017Words.Id, CancellationToken.None);

        await add.ExecuteNonQueryAsync();
        Assert.Equal(count + 1, (long)(await search.ExecuteScalarAsync())!);
    }

    private static async Task<string> Plan(NpgsqlCommand explain)
    {
        await using var rows = await explain.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await rows.ReadAsync())
        {
            lines.Add(rows.GetString(0));
        }

        return string.Join('\n', lines);
    }

    private async Task Add(string title, string? description, string tags)
    {
        await using var command = _database.Source.CreateCommand(
            """
            insert into task_item (id, user_id, title, description, status, priority, tags, time_zone, recurrence_basis, version, created_at, updated_at, field_versions)
            values (gen_random_uuid(), $1, $2, $3, 0, 1, $4, 'UTC', 0, 1, now(), now(), '{}')
            """);
        command.Parameters.Add(new() { Value = _user });
        command.Parameters.Add(new() { Value = title });
        command.Parameters.Add(new() { Value = (object?)description ?? DBNull.Value });
        command.Parameters.Add(new() { Value = tags.Split('|', StringSplitOptions.RemoveEmptyEntries) });
        await command.ExecuteNonQueryAsync();
    }
}
