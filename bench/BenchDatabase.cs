using Npgsql;

namespace TodoFlow.Bench;

/// <summary>Databases for benchmarks, with the schema of this build.</summary>
public static class BenchDatabase
{
    /// <summary>Makes a database and migrates it.</summary>
    /// <param name="server">The connection string of the server.</param>
    /// <param name="program">The host whose schema it gets.</param>
    /// <returns>Its connection string.</returns>
    public static async Task<string> Create(string server, string program = BenchHost.Assembly)
    {
        var database = await CreateEmpty(server);
        await BenchHost.Migrate(database, program);
        return database;
    }

    /// <summary>Makes a database with nothing in it.</summary>
    /// <returns>Its connection string.</returns>
    public static async Task<string> CreateEmpty(string server)
    {
        var name = $"bench_{Guid.NewGuid():N}";
        await Execute(server, $"create database {name}");
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    /// <summary>Deletes a database that <see cref="Create"/> or <see cref="CreateEmpty"/> made.</summary>
    public static Task Drop(string server, string database)
    {
        NpgsqlConnection.ClearAllPools();
        return Execute(server, $"drop database {new NpgsqlConnectionStringBuilder(database).Database} with (force)");
    }

    /// <summary>Adds users who have nothing yet.</summary>
    /// <returns>Their ids.</returns>
    public static async Task<IReadOnlyList<Guid>> AddUsers(string database, int count)
    {
        var users = Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7()).ToArray();
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            "insert into app_user (id, email, normalized_email, password_hash, time_zone, created_at) select id, id || '@bench', id || '@bench', '', 'UTC', now() from unnest($1) id");
        command.Parameters.Add(new() { Value = users });
        await command.ExecuteNonQueryAsync();
        return users;
    }

    /// <summary>Runs statements one after the other: several in one command would be one transaction, in which PostgreSQL refuses VACUUM.</summary>
    public static async Task Execute(string database, params IEnumerable<string> statements)
    {
        foreach (var sql in statements)
        {
            await Execute(database, sql);
        }
    }

    /// <summary>Runs a statement.</summary>
    public static async Task Execute(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Asks for one value.</summary>
    public static async Task<T> Ask<T>(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        return await source.Ask<T>(sql);
    }

    /// <summary>Asks for one value, over connections that stay open.</summary>
    public static async Task<T> Ask<T>(this NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
