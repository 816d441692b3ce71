using System.Globalization;
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
/// typed. Titles weigh more than descriptions, and those more than tags. Where plain words match nothing, titles that look alike are found.
/// </summary>
public sealed class TaskSearch(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Matches are counted, and ranked, up to this many; a sort that is asked for is one of all of them.</summary>
    public const int MaxCount = 10_000;

    /// <summary>How long a search may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    // Of pg_trgm's strict_word_similarity: "plnts" still finds "plants" (0.44), "milk" does not find "silk" (0.25).
    private const double Alike = 0.4;

    // Each indexed word carries its user. "offset 0" keeps the planner from walking another index for the user as well, which takes far
    // longer than to look at what was found.
    private const string FoundByWords =
        "(select * from task_item where task_words(user_id, search_vector) @@ (select words from sought) offset 0) as task_item";

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
        return found.TotalCount > 0 || IsExact(query.Query) ? found : await Run(userId, query, How.LooksLike, budget, ct);
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

    // What is sought, made once: where it stands in the condition, PostgreSQL makes it anew for each row, which takes longer than ranking.
    // The text form of a tsquery ends in the last word, 'word'; behind it, :* makes it a prefix.
    private static string Sought(TaskConditions conditions, string words)
    {
        var typed = $"websearch_to_tsquery('simple', {conditions.Parameter(words)}) as typed";
        var query = EndsInPrefix(words) ? "case when typed::text like '%''' then (typed::text || ':*')::tsquery else typed end" : "typed";
        return
            $"""
            sought as materialized (
                select query, task_words_query({conditions.User}, query) as words from (select {query} as query from {typed} offset 0) as given
            ),
            """;
    }

    private static string OrderBy(SortOrder order, bool ranked) =>
        ranked ? "rank desc, sort desc, id desc"
        : order == SortOrder.Asc ? "sort asc nulls last, id asc"
        : "sort desc nulls last, id desc";

    private async Task<TaskSearchResponse> Run(Guid userId, TaskSearchQuery query, How how, PageBudget budget, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        batch.Timeout = (int)Timeout.TotalSeconds;
        if (how == How.LooksLike)
        {
            // Like "set local", of which PostgreSQL would warn in its log, since it sees no transaction yet: it holds for this batch, which is one.
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                $"select set_config('pg_trgm.strict_word_similarity_threshold', '{Alike.ToString(CultureInfo.InvariantCulture)}', true)"));
        }

        var select = new NpgsqlBatchCommand();
        batch.BatchCommands.Add(select);
        var conditions = new TaskConditions(select.Parameters, userId, query.Filter, clock.GetUtcNow(), byTag: how == How.NoWords);
        var (sought, from, rank) = ("", conditions.From, "0");
        switch (how)
        {
            case How.Matches:
                (sought, from, rank) = (Sought(conditions, query.Query!), FoundByWords, "ts_rank(search_vector, (select query from sought))");
                conditions.And("search_vector @@ (select query from sought)");
                break;
            case How.LooksLike:
                var words = conditions.Parameter(query.Query!.Trim());
                rank = $"strict_word_similarity({words}, title)";
                conditions.And($"{words} <<% title");
                break;
        }

        var ranked = how != How.NoWords && query.Sort is null;
        var order = OrderBy(query.Order, ranked);
        select.CommandText =
            $"""
            with {sought} matched as materialized (
                select id, {rank} as rank, {TaskList.Column(query.Sort ?? TaskSort.CreatedAt, conditions)} as sort
                from {from} where {conditions.Sql}{(ranked ? $" limit {MaxCount}" : "")}
            )
            select {TaskResponseRows.Columns}, total
            from (select least(count(*), {MaxCount}) as total from matched) as counted
            left join (
                select * from (
                    select * from matched order by {order} {TaskList.Limit(query.Limit, query.Offset)}
                ) as page join task_item using (id)
            ) as found on true
            order by {order}
            """;
        await using var rows = await batch.ExecuteReaderAsync(ct);
        if (how == How.LooksLike)
        {
            await rows.NextResultAsync(ct);
        }

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
        LooksLike,
    }
}
