using Npgsql;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>
/// Mends mistyped words by those that the user's tasks have. A word of four to seven letters may have one mistake, a longer one two: a letter
/// that is missing, too many, another one, or two that are swapped. The first letter is right, or swapped with the second: "sank" is not
/// "bank". Words with digits are what they are.
/// </summary>
internal static class Typos
{
    private const int ShortestMistyped = 4;
    private const int ShortestTwiceMistyped = 8;

    // How many tasks are looked at, and how many words of theirs may stand for one that was typed.
    private const int MostTasks = 2_000;
    private const int MostWords = 10;

    // How many words of theirs are compared: those that may be meant by their length and their first letters.
    private const int MostCompared = 20_000;

    /// <summary>
    /// The query of words that were meant, as text of a tsquery: those that are not as they were typed in titles only, whose weight is A. Null
    /// where a word is like none of the user's, and where none is mistyped.
    /// </summary>
    /// <exception cref="NpgsqlException">It took longer than <paramref name="timeout"/>.</exception>
    public static async Task<string?> Correct(NpgsqlDataSource database, Guid userId, string words, TimeSpan timeout, CancellationToken ct)
    {
        var (typed, used) = await Read(database, userId, words, timeout, ct);
        var (meant, mistyped) = (new List<string>(typed.Length), false);
        foreach (var word in typed)
        {
            var close = used.Select(other => (Word: other, Distance: Distance(word, other))).Where(other => other.Distance <= Allowed(word))
                .OrderBy(other => other.Distance).ThenBy(other => other.Word, StringComparer.Ordinal).Take(MostWords).ToList();
            if (close.Count == 0)
            {
                return null;
            }

            mistyped |= close[0].Distance > 0;
            meant.Add($"({string.Join('|', close.Select(other => Quoted(other.Word) + (other.Distance > 0 ? ":A" : "")))})");
        }

        return mistyped ? string.Join('&', meant) : null;
    }

    /// <summary>How many mistakes a word may have.</summary>
    public static int Allowed(string word) =>
        word.Length < ShortestMistyped || word.Any(char.IsDigit) ? 0 : word.Length < ShortestTwiceMistyped ? 1 : 2;

    /// <summary>How many letters are missing, too many, other ones or swapped (optimal string alignment); more than are ever allowed where the first one is wrong.</summary>
    public static int Distance(string typed, string meant)
    {
        if (typed == meant)
        {
            return 0;
        }

        var swapped = typed.Length > 1 && meant.Length > 1 && typed[0] == meant[1] && typed[1] == meant[0];
        if (Math.Abs(typed.Length - meant.Length) > 2 || typed.Length == 0 || meant.Length == 0 || (typed[0] != meant[0] && !swapped))
        {
            return int.MaxValue;
        }

        var (before, last, row) = (new int[meant.Length + 1], Enumerable.Range(0, meant.Length + 1).ToArray(), new int[meant.Length + 1]);
        for (var i = 1; i <= typed.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= meant.Length; j++)
            {
                row[j] = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + (typed[i - 1] == meant[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && typed[i - 1] == meant[j - 2] && typed[i - 2] == meant[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }

            (before, last, row) = (last, row, before);
        }

        return last[^1];
    }

    // Tasks that may have every word: as it is; with its beginning, of one letter for short words, or its first two swapped; or, in the
    // title, with three letters of it in a row.
    private static async Task<(string[] Typed, string[] Used)> Read(NpgsqlDataSource database, Guid userId, string words, TimeSpan timeout, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            $"""
            with typed as materialized (
                select word, right($1::text, 12) as own from unnest(tsvector_to_array(to_tsvector('simple', search_text($2)))) as word
            ), sought as materialized (
                select string_agg('(' || array_to_string(array(
                    select quote_literal(own || replace(key, '\', '\\')) || case when begins then ':*' else '' end
                    from (
                        select word as key, false as begins
                        union all select left(word, case when char_length(word) < 6 then 1 else 2 end), true where char_length(word) >= {ShortestMistyped}
                        union all select substr(word, 2, 1) || left(word, 1), true where char_length(word) >= {ShortestMistyped}
                        union all select '#' || substr(word, place, 3), false from generate_series(1, char_length(word) - 2) as place where char_length(word) >= 6
                    ) as keys), '|') || ')', '&')::tsquery as keys
                from typed
            )
            select array(select word from typed), array(
                select distinct used from (
                    select * from (
                        select * from task_item where task_search_keys(user_id, title, description, tags) @@ (select keys from sought) offset 0
                    ) as task_item where user_id = $1 limit {MostTasks}
                ) as likely, unnest(tsvector_to_array(task_folded_words(title, description, tags))) as used
                where exists (
                    select from typed where abs(char_length(used) - char_length(word)) <= 2 and (left(used, 1) = left(word, 1) or left(used, 2) = reverse(left(word, 2))))
                limit {MostCompared})
            """);
        command.CommandTimeout = (int)timeout.TotalSeconds;
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = userId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = words });
        await using var rows = await command.ExecuteReaderAsync(ct);
        await rows.ReadAsync(ct);
        return (rows.GetFieldValue<string[]>(0), rows.GetFieldValue<string[]>(1));
    }

    private static string Quoted(string word) => $"'{word.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
}
