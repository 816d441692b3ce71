using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Quotas;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>A conversation in which this request's turn is under way.</summary>
/// <param name="Id">The conversation.</param>
/// <param name="Version">The version that the turn made; whoever begins another one makes the next.</param>
/// <param name="Next">The number of the next turn.</param>
/// <param name="Turns">The latest turns, oldest first.</param>
internal sealed record OpenConversation(Guid Id, int Version, int Next, IReadOnlyList<ChatTurn> Turns);

/// <summary>
/// Stores conversations. A turn takes seconds, and no transaction is open for so long: it begins by making a new version of the conversation,
/// keeps others out for a time, and writes only while its version is still the latest.
/// </summary>
public sealed class Conversations(NpgsqlDataSource database, IOptions<QuotaSettings> quotas, TimeProvider clock)
{
    /// <summary>How long a turn keeps others out that has neither ended nor gone on: its process has died.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromMinutes(4);

    // What a model is given at most; more is kept, to be read.
    private const int Given = 20;
    private const int Kept = 200;
    private const int TitleLength = 80;

    private static readonly Problem UnderWay =
        Problem.Conflict("chat_turn_under_way", "Another message of this conversation is being answered. Wait for its response.");

    /// <summary>Begins a conversation.</summary>
    /// <exception cref="ProblemException">403 <c>quota_exceeded</c>.</exception>
    internal async Task<OpenConversation> Begin(Guid user, string firstMessage, CancellationToken ct)
    {
        var (now, limit) = (clock.GetUtcNow(), quotas.Value.Conversations);
        var id = Guid.CreateVersion7(now);
        await using var command = database.CreateCommand(
            """
            insert into conversation (id, user_id, title, version, busy_until, created_at, updated_at)
            select $1, $2, $3, 1, $5, $4, $4 where (select count(*) from conversation where user_id = $2) < $6
            """);
        Add(command.Parameters, id, user);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = TitleOf(firstMessage) });
        Add(command.Parameters, now, now + Lease);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await command.ExecuteNonQueryAsync(ct) == 1 ? new(id, 1, 1, []) : throw UserQuotas.Exceeded("conversations", limit);
    }

    /// <summary>Begins a turn of a conversation that is there.</summary>
    /// <exception cref="ProblemException">404: the user has none of this id; 409: another turn of it is under way.</exception>
    internal async Task<OpenConversation> Resume(Guid user, Guid id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(
            """
            update conversation set version = version + 1, busy_until = $4
            where id = $1 and user_id = $2 and (busy_until is null or busy_until <= $3) returning version
            """);
        Add(command.Parameters, id, user);
        Add(command.Parameters, now, now + Lease);
        if (await command.ExecuteScalarAsync(ct) is not int version)
        {
            throw (await Find(user, id, ct) is null ? Problem.NotFound("conversation") : UnderWay).AsException();
        }

        var turns = await Turns(id, Given, ct);
        return new(id, version, turns.Count == 0 ? 1 : turns[^1].Number + 1, [.. turns.Select(turn => turn.Turn)]);
    }

    /// <summary>Stores a turn as it stands.</summary>
    /// <param name="open">The conversation.</param>
    /// <param name="number">The turn's number.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="ended">Whether the next may begin.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">409: it took so long that another one has begun, or the conversation was deleted.</exception>
    internal async Task Save(OpenConversation open, int number, ChatTurn turn, bool ended, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var batch = database.CreateBatch();
        var save = new NpgsqlBatchCommand(
            """
            with mine as (
                update conversation set updated_at = $3, busy_until = case when $5 then null else $4 end where id = $1 and version = $2 returning id)
            insert into conversation_turn (conversation_id, number, turn) select id, $6, $7 from mine
            on conflict (conversation_id, number) do update set turn = excluded.turn
            """);
        save.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = open.Id });
        save.Parameters.Add(new NpgsqlParameter<int> { TypedValue = open.Version });
        Add(save.Parameters, now, now + Lease);
        save.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = ended });
        save.Parameters.Add(new NpgsqlParameter<int> { TypedValue = number });
        save.Parameters.Add(new NpgsqlParameter<string> { TypedValue = turn.Write(), NpgsqlDbType = NpgsqlDbType.Json });
        batch.BatchCommands.Add(save);
        batch.BatchCommands.Add(new("delete from conversation_turn where conversation_id = $1 and number <= $2")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = open.Id }, new NpgsqlParameter<int> { TypedValue = number - Kept } },
        });
        await batch.ExecuteNonQueryAsync(ct);
        if (save.RecordsAffected == 0)
        {
            throw UnderWay.AsException();
        }
    }

    /// <summary>Lets the next turn begin after one that leaves nothing behind; with it goes a conversation that it would have begun.</summary>
    /// <param name="open">The conversation.</param>
    /// <param name="number">The number of the turn; 0 where none was begun.</param>
    /// <param name="ct">Ends the wait.</param>
    internal async Task Release(OpenConversation open, int number, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        Add("delete from conversation_turn where conversation_id = $1 and number = $3 and exists (select from conversation where id = $1 and version = $2)", number);
        Add("delete from conversation where id = $1 and version = $2 and not exists (select from conversation_turn where conversation_id = $1)");
        Add("update conversation set busy_until = null where id = $1 and version = $2");
        await batch.ExecuteNonQueryAsync(ct);

        void Add(string sql, params int[] more)
        {
            var command = new NpgsqlBatchCommand(sql) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = open.Id } } };
            foreach (var value in more.Prepend(open.Version))
            {
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = value });
            }

            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>One page of a user's conversations, the one that was used last first, and whether there are more.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<(List<ConversationSummary> Page, bool More)> Page(Guid user, Guid? after, int limit, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            "select id, title, created_at, updated_at from conversation where user_id = $1"
            + (after is null ? "" : " and (updated_at, id) < (select updated_at, id from conversation where id = $3 and user_id = $1)")
            + " order by updated_at desc, id desc limit $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit + 1 });
        if (after is { } last)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = last });
        }

        await using var rows = await command.ExecuteReaderAsync(ct);
        var page = new List<ConversationSummary>();
        while (await rows.ReadAsync(ct))
        {
            if (page.Count == limit)
            {
                return (page, true);
            }

            page.Add(Summary(rows));
        }

        return (page, false);
    }

    /// <summary>A conversation with its messages; null where the user has none of this id.</summary>
    public async Task<ConversationResponse?> Get(Guid user, Guid id, CancellationToken ct)
    {
        if (await Find(user, id, ct) is not { } found)
        {
            return null;
        }

        var turns = await Turns(id, Kept, ct);
        return new(found.Id, found.Title, found.CreatedAt, found.UpdatedAt, [.. turns.SelectMany((turn, index) => Messages(turn.Turn, isLast: index == turns.Count - 1))]);
    }

    /// <summary>Deletes a conversation. A turn that is under way cannot write to it any more.</summary>
    /// <returns>Whether the user had it.</returns>
    public async Task<bool> Delete(Guid user, Guid id, CancellationToken ct)
    {
        await using var command = database.CreateCommand("delete from conversation where id = $1 and user_id = $2");
        Add(command.Parameters, id, user);
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    private static IEnumerable<ConversationMessage> Messages(ChatTurn turn, bool isLast)
    {
        yield return new(ConversationRole.User, turn.Message, turn.CreatedAt, [], []);
        yield return new(
            ConversationRole.Assistant, turn.Text, turn.AnsweredAt, turn.Actions,
            [.. turn.Approvals.Select(approval => isLast || approval.Status != ApprovalStatus.Pending ? approval : approval with { Status = ApprovalStatus.Expired })]);
    }

    private async Task<ConversationSummary?> Find(Guid user, Guid id, CancellationToken ct)
    {
        await using var command = database.CreateCommand("select id, title, created_at, updated_at from conversation where id = $1 and user_id = $2");
        Add(command.Parameters, id, user);
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct) ? Summary(rows) : null;
    }

    private async Task<List<(int Number, ChatTurn Turn)>> Turns(Guid conversation, int latest, CancellationToken ct)
    {
        await using var command = database.CreateCommand("select number, turn from conversation_turn where conversation_id = $1 order by number desc limit $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = conversation });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = latest });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var turns = new List<(int, ChatTurn)>();
        while (await rows.ReadAsync(ct))
        {
            turns.Add((rows.GetInt32(0), ChatTurn.Read(rows.GetString(1))));
        }

        turns.Reverse();
        return turns;
    }

    private static ConversationSummary Summary(NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.GetFieldValue<DateTimeOffset>(3));

    private static void Add(NpgsqlParameterCollection parameters, Guid id, Guid user)
    {
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
    }

    private static void Add(NpgsqlParameterCollection parameters, DateTimeOffset now, DateTimeOffset until)
    {
        parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = until });
    }

    private static string TitleOf(string message)
    {
        var line = string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var length = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            if (length + rune.Utf16SequenceLength > TitleLength)
            {
                return line[..length].TrimEnd() + "…";
            }

            length += rune.Utf16SequenceLength;
        }

        return line;
    }
}
