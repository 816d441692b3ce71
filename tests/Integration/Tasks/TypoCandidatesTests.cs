using TodoFlow.Infrastructure.Tasks;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>Which of a user's words stand for those that were typed, as the query that is made of them.</summary>
public sealed class TypoCandidatesTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestPostgres.CreateDatabase();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("mlik", "Milk and bread", "('milk':A)")]
    [InlineData("imlk", "Milk and bread", "('milk':A)")]
    [InlineData("mlik bred", "Milk and bread", "('bread':A)&('milk':A)")]
    [InlineData("bread mlik", "Milk and bread", "('bread')&('milk':A)")] // what is right counts wherever it stands
    [InlineData("qarterlly", "Quarterly report", "('quarterly':A)")]
    [InlineData("rpeort", "Quarterly report", "('report':A)")]
    [InlineData("MLIK", "milk", "('milk':A)")]
    [InlineData("resmue", "Résumé schreiben", "('resume':A)")]
    [InlineData("молкоо", "Купить молоко", "('молоко':A)")]
    [InlineData("mail", "Mall|Nail|Mailbox|Maul|Tail", "('mall':A|'maul':A)")] // of several the nearest, then by the alphabet
    [InlineData("dentst", "O'Dentist's \\ dentist", "('dentist':A)")]
    public async Task Words_that_were_mistyped_are_mended_by_those_that_there_are(string typed, string titles, string query) =>
        Assert.Equal(query, await Correct(typed, titles));

    [Theory]
    [InlineData("milk", "Milk|Mild")] // as it was typed, it is there
    [InlineData("silk", "Milk")]
    [InlineData("mlk", "Milk")] // too short to be mistyped
    [InlineData("mlik zebra", "Milk and bread")] // a word that is like none
    [InlineData("invoice 1235", "Invoice 1234")]
    [InlineData("qartrlly", "Quarterly report")] // three mistakes
    [InlineData("mlik", "")] // no task at all
    [InlineData("", "Milk")]
    public async Task Where_no_word_is_meant_there_is_no_query(string typed, string titles) => Assert.Null(await Correct(typed, titles));

    [Fact]
    public async Task Ten_words_may_stand_for_one()
    {
        var near = "abcdefghijkl".Select(letter => $"wor{letter}").ToList();

        Assert.Equal($"({string.Join('|', near.Take(10).Select(word => $"'{word}':A"))})", await Correct("worz", string.Join('|', near)));
    }

    [Fact]
    public async Task Nobody_s_words_are_another_user_s()
    {
        var users = await TaskSeed.Users(_database, 2);
        await Add(users[0], "Milk and bread");

        Assert.NotNull(await Typos.Correct(_database.Source, users[0], "mlik", TimeSpan.FromSeconds(30), CancellationToken.None));
        Assert.Null(await Typos.Correct(_database.Source, users[1], "mlik", TimeSpan.FromSeconds(30), CancellationToken.None));
    }

    private async Task<string?> Correct(string typed, string titles)
    {
        var user = (await TaskSeed.Users(_database, 1))[0];
        await Add(user, titles.Split('|', StringSplitOptions.RemoveEmptyEntries));
        return await Typos.Correct(_database.Source, user, typed, TimeSpan.FromSeconds(30), CancellationToken.None);
    }

    private async Task Add(Guid user, params string[] titles)
    {
        await using var command = _database.Source.CreateCommand(
            """
            insert into task_item (id, user_id, title, status, priority, tags, time_zone, recurrence_basis, version, created_at, updated_at, field_versions)
            select gen_random_uuid(), $1, title, 0, 1, '{}', 'UTC', 0, 1, now(), now(), '{}' from unnest($2) as title
            """);
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(new() { Value = titles });
        await command.ExecuteNonQueryAsync();
    }
}
