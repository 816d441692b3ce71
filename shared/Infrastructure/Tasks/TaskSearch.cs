using Npgsql;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Rows;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>What is searched for.</summary>
/// <param name="Query">Words in web-search syntax; null to filter only.</param>
/// <param name="Filter">What narrows the result.</param>
/// <param name="Sort">What it is sorted by; null is by rank, best first.</param>
/// <param name="Order">In which direction.</param>
/// <param name="Limit">How many tasks at most.</param>
/// <param name="Offset">How many tasks to skip.</param>
public sealed record TaskSearchQuery(string? Query, TaskFilter Filter, TaskSort? Sort, SortOrder Order, int Limit, int Offset);

/// <summary>What a search found.</summary>
/// <param name="Results">This page, best first.</param>
/// <param name="TotalCount">How many tasks match in all; counted up to 10,000.</param>
public sealed record TaskSearchResponse(IReadOnlyList<TaskResponse> Results, int TotalCount);

/// <summary>
/// Finds a user's tasks by words: <c>"a phrase"</c>, <c>or</c>, <c>-not</c>, and the last word as a prefix, since it is still being
/// typed. Case, accents and width do not matter (<c>search_fold</c>), plain words are found within the words of titles, and those of scripts without spaces anywhere.
/// Best first: words as they were typed, words, beginnings of words, parts of words; among alike ones titles weigh more than
/// descriptions, and those more than tags. Where plain words match nothing, words that were mistyped are found (<see cref="Typos"/>).
/// </summary>
public sealed class TaskSearch(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Matches are counted, and ranked, up to this many; a sort that is asked for is one of all of them.</summary>
    public const int MaxCount = 10_000;

    /// <summary>How long a search may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    // Each key of the index carries its user. "offset 0" keeps the planner from walking another index for the user as well, which takes
    // far longer than to look at what was found.
    private const string FoundByKeys =
        "(select * from task_item where task_search_keys(user_id, title, description, tags) @@ (select keys from sought) offset 0) as task_item";

    // Null where the keys are there and the words are not. What was typed is looked for in the stored words first: the folded ones are made
    // where that fails, and for phrases, of which the index knows nothing. ts_rank is below 1, a title that has the words as typed adds 1.
    private const string Rank =
        """
        case
            when not (select phrased from sought) and search_vector @@ (select typed from sought) then 12 + ts_rank(search_vector, (select typed from sought))
            when not (select phrased from sought) and search_vector @@ (select begun from sought) then 6 + ts_rank(search_vector, (select begun from sought))
            else (
                select case
                    when folded @@ (select whole from sought)
                        then case when search_vector @@ (select typed from sought) then 12 else 8 end + ts_rank(folded, (select whole from sought))
                    when folded @@ (select query from sought) then 4 + ts_rank(folded, (select query from sought))
                    when (select bool_and(strpos(text, part) > 0) from sought, unnest(parts) as part, search_text(concat_ws(' ', title, description, array_to_string(tags, ' '))) as text) then 0
                end
                from (select task_folded_words(title, description, tags) as folded offset 0) as words)
        end + case when strpos(title, (select words from sought)) > 0 then 1 else 0 end
        """;

    /// <summary>Searches among the user's tasks; the page ends early where it would be longer than <paramref name="budget"/> allows.</summary>
    /// <exception cref="ProblemException">503 <c>search_timeout</c>: it took longer than <see cref="Timeout"/>.</exception>
    public async Task<TaskSearchResponse> Find(Guid userId, TaskSearchQuery query, PageBudget budget, CancellationToken ct)
    {
        try
        {
            return await Search(userId, query, budget, ct);
        }
        catch (NpgsqlException error) when (error.InnerException is TimeoutException)
        {
            throw new Problem(503, "search_timeout", "The search took too long. Try fewer or rarer words, or a filter.") { RetryAfter = TimeSpan.FromSeconds(5) }.AsException();
        }
    }

    private async Task<TaskSearchResponse> Search(Guid userId, TaskSearchQuery query, PageBudget budget, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(query.Query))
        {
            return await Run(userId, query, How.NoWords, budget, ct);
        }

        var found = await Run(userId, query, How.Matches, budget, ct);
        if (found.TotalCount > 0 || IsExact(query.Query))
        {
            return found;
        }

        return await Typos.Correct(database, userId, query.Query, Timeout, ct) is { } corrected
            ? await Run(userId, query, How.Corrected, budget, ct, corrected)
            : found;
    }

    /// <summary>Whether the last word is still being typed: a plain word at the very end, which neither a quote nor a minus touches.</summary>
    public static bool EndsInPrefix(string words)
    {
        var last = words[(words.LastIndexOfAny([' ', '\t', '\n', '\r']) + 1)..];
        var quotes = words.Count(character => character == '"');
        return last.Length > 0 && last[0] != '-' && !last.Contains('"') && quotes % 2 == 0 && !last.Equals("or", StringComparison.OrdinalIgnoreCase);
    }

    // Quotes and a minus say precisely what is meant: then nothing else is offered.
    private static bool IsExact(string words) =>
        words.Contains('"') || words.StartsWith('-') || words.Contains(" -", StringComparison.Ordinal);

    // websearch_to_tsquery takes an address such as http://a.example/b apart in another way than the text of a task is, unless it is in quotes.
    private static string Quoted(string words) => words.Contains('"') ? words : string.Join(' ', words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(
        word => word.Equals("or", StringComparison.OrdinalIgnoreCase) || word == "-" ? word : word[0] == '-' ? $"-\"{word[1..]}\"" : $"\"{word}\""));

    // What is sought, made once: where it stands in the condition, PostgreSQL makes it anew for each row, which takes longer than ranking.
    // The text form of a tsquery ends in the last word, 'word'; behind it, :* makes it a prefix. Keys have no weights (A, a mended word's).
    private static string Sought(TaskConditions conditions, string words, string? corrected)
    {
        var text = conditions.Parameter(Nfc.Normalize(words.Trim()));
        var quoted = corrected is null ? conditions.Parameter(Nfc.Normalize(Quoted(words))) : "";
        var (typed, whole) = corrected is null
            ? ($"websearch_to_tsquery('simple', {quoted})", $"websearch_to_tsquery('simple', search_text({quoted}))")
            : ("''::tsquery", $"{conditions.Parameter(corrected)}::text::tsquery");
        var prefix = corrected is null && EndsInPrefix(words);
        return
            $"""
            sought as materialized (
                select *, whole::text ~ '<' as phrased, task_words_query({conditions.User}, replace(query::text, ''':A', '''')::tsquery) as keys,
                    case when whole::text !~ '[<|!]' then tsvector_to_array(to_tsvector('simple', search_text(words))) end as parts
                from (
                    select words, typed, whole, {Begun("typed")} as begun, {Begun("whole")} as query
                    from (select {text}::text as words, {typed} as typed, {whole} as whole offset 0) as given offset 0
                ) as given
            ),
            """;

        string Begun(string query) => prefix ? $"case when {query}::text like '%''' then ({query}::text || ':*')::tsquery else {query} end" : query;
    }

    private static string OrderBy(SortOrder order, bool ranked) =>
        ranked ? "rank desc, sort desc, id desc"
        : order == SortOrder.Asc ? "sort asc nulls last, id asc"
        : "sort desc nulls last, id desc";

    private async Task<TaskSearchResponse> Run(
        Guid userId, TaskSearchQuery query, How how, PageBudget budget, CancellationToken ct, string? corrected = null)
    {
        await using var select = database.CreateCommand();
        select.CommandTimeout = (int)Timeout.TotalSeconds;
        var conditions = new TaskConditions(select.Parameters, userId, query.Filter, clock.GetUtcNow(), how == How.NoWords ? TagUse.Find : TagUse.Narrow);
        var (sought, from, rank) = how == How.NoWords ? ("", conditions.From, "0") : (Sought(conditions, query.Query!, corrected), FoundByKeys, Rank);
        var ranked = how != How.NoWords && query.Sort is null;
        var order = OrderBy(query.Order, ranked);
        select.CommandText =
            $"""
            with {sought} matched as materialized (
                select * from (
                    select id, {rank} as rank, {TaskListStatement.Column(query.Sort ?? TaskSort.CreatedAt, conditions)} as sort
                    from {from} where {conditions.Sql} offset 0
                ) as ranked where rank is not null{(ranked ? $" limit {MaxCount}" : "")}
            )
            select {TaskResponseRows.Columns}, total
            from (select least(count(*), {MaxCount}) as total from matched) as counted
            left join (
                select * from (
                    select * from matched order by {order} {PageLimit.Sql(query.Limit, query.Offset)}
                ) as page join task_item using (id)
            ) as found on true
            order by {order}
            """;
        await using var rows = await select.ExecuteReaderAsync(ct);
        var (tasks, total) = (new List<TaskResponse>(query.Limit), 0L);
        while (await rows.ReadAsync(ct))
        {
            total = rows.GetInt64(TaskResponseRows.ColumnCount);
            if (rows.IsDBNull(0) || TaskResponseRows.Read(rows) is not { } task || !budget.Add(TaskResponseRows.JsonSizeOf(task)))
            {
                break; // a page behind the last one is empty, and still counted; one of long tasks ends early
            }

            tasks.Add(task);
        }

        return new(tasks, (int)total);
    }

    private enum How
    {
        NoWords,
        Matches,
        Corrected,
    }
}
