using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Migrations;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Persistence;

/// <summary>
/// What the migration to the search in every language makes of rows from before, whose texts may be in any of Unicode's forms: they are in
/// NFC, and tags that are the same then are one.
/// </summary>
public sealed class NormalizedTextMigrationTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private ServiceProvider _services = null!;
    private Guid _user;

    public async Task InitializeAsync()
    {
        _database = await TestPostgres.CreateEmptyDatabase();
        _services = TestPostgres.Services(_database.ConnectionString);
        await _services.GetRequiredService<Migrator>().MigrateTo(M0010PersonalTokens.Id, CancellationToken.None);
        _user = (await TaskSeed.Users(_database, 1))[0];
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("Fac\u0327on de parler", null, "", "Façon de parler", null, "")]
    [InlineData("Plain", "Re\u0301sume\u0301", "", "Plain", "Résumé", "")]
    [InlineData("Plain", null, "cafe\u0301", "Plain", null, "café")]
    [InlineData("Plain", null, "cafe\u0301|work|café|home|wörk", "Plain", null, "café|work|home|wörk")] // of two that are one the first stays
    [InlineData("Plain", null, "b|é|a|e\u0301|c|e\u0301\u0323|\u1eb9\u0301", "Plain", null, "b|é|a|c|\u1eb9\u0301")]
    [InlineData("\u1106\u1175\u11ab\u1100\u116e\u11a8", "\u30ab\u3099\u30b9", "\u00c5|A\u030a|\u212b", "민국", "ガス", "\u00c5")]
    [InlineData("İSTANBUL ﬁ ①", "½", "ﬁ|fi", "İSTANBUL ﬁ ①", "½", "ﬁ|fi")] // compatibility forms are the user's choice
    public async Task Texts_are_in_NFC_and_tags_that_are_the_same_are_one(string title, string? description, string tags, string newTitle, string? newDescription, string newTags)
    {
        var task = await Add(title, description, tags);
        var trashed = await Add(title, description, tags);
        await _database.Execute($"with gone as (delete from task_item where id = '{trashed}' returning *) insert into trashed_task select user_id, id, now(), to_jsonb(gone) - 'search_vector' from gone");

        await _services.GetRequiredService<Migrator>().Migrate(CancellationToken.None);

        Assert.Equal($"{newTitle}/{newDescription}/{newTags}", await _database.Scalar<string>(
            $"select title || '/' || coalesce(description, '') || '/' || array_to_string(tags, '|') from task_item where id = '{task}'"));
        Assert.Equal(
            newTags.Split('|', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
            (await _database.Column<string>($"select tag from task_tag where task_id = '{task}'")).Order(StringComparer.Ordinal));
        Assert.Equal($"{newTitle}/{newDescription}/{newTags}", await _database.Scalar<string>(
            $"""
            select t.title || '/' || coalesce(t.description, '') || '/' || array_to_string(t.tags, '|')
            from trashed_task, jsonb_populate_record(null::task_item, task) as t where trashed_task.id = '{trashed}'
            """));
        foreach (var word in newTitle.Split(' '))
        {
            Assert.Equal(1, await _database.Scalar<long>(
                $"select count(*) from task_item where task_search_keys(user_id, title, description, tags) @@ task_words_query(user_id, plainto_tsquery('simple', search_text('{word}'))) and id = '{task}'"));
        }
    }

    [Fact]
    public async Task Only_rows_in_another_form_are_written()
    {
        await Add("Plain", "text", "a|b");
        await Add("Façon de parler", "Résumé", "café|wörk");
        await Add("这是一个测试文档", null, "测试");
        const string Others = "select string_agg(id || ' ' || ctid || ' ' || xmin || ' ' || changed_xid, ',' order by id) from task_item where title not like 'Re%'";
        var before = await _database.Scalar<string>(Others);
        var decomposed = await Add("Re\u0301sume\u0301", null, "");
        var changed = await _database.Scalar<string>($"select changed_xid::text from task_item where id = '{decomposed}'");

        await _services.GetRequiredService<Migrator>().Migrate(CancellationToken.None);

        Assert.Equal(before, await _database.Scalar<string>(Others.Replace("Re%", "Ré%", StringComparison.Ordinal)));
        Assert.NotEqual(changed, await _database.Scalar<string>($"select changed_xid::text from task_item where id = '{decomposed}'")); // devices fetch it
        Assert.Equal("Résumé", await _database.Scalar<string>($"select title from task_item where id = '{decomposed}'"));
    }

    private async Task<Guid> Add(string title, string? description, string tags)
    {
        var id = Guid.CreateVersion7();
        await using var command = _database.Source.CreateCommand(
            """
            insert into task_item (id, user_id, title, description, status, priority, tags, time_zone, recurrence_basis, version, created_at, updated_at, field_versions)
            values ($1, $2, $3, $4, 0, 1, $5, 'UTC', 0, 1, now(), now(), '{}')
            """);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = _user });
        command.Parameters.Add(new() { Value = title });
        command.Parameters.Add(new() { Value = (object?)description ?? DBNull.Value });
        command.Parameters.Add(new() { Value = tags.Split('|', StringSplitOptions.RemoveEmptyEntries) });
        await command.ExecuteNonQueryAsync();
        return id;
    }
}
