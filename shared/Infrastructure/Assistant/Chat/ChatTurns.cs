using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Models;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>The caller's conversations with the assistant: a message, or a decision about what an earlier one led to, and what becomes of it.</summary>
/// <remarks>
/// A turn that fails before it has changed anything leaves nothing behind. One that has changed something is kept with what it did, and its
/// response says that it broke off: what was committed is told in any case.
/// </remarks>
public sealed partial class ChatTurns(
    Conversations conversations, ChatBudget budget, ToolRounds rounds, ChatModel model, Caller caller, ChatMetrics metrics, TimeProvider clock, ILogger<ChatTurns> log)
{
    /// <summary>How many tool rounds a turn may have; the model's last response then comes without tools.</summary>
    public const int MaxRounds = 6;

    private const int MaxOutputTokens = 1000;
    private const int MaxHistory = 48_000;

    // Saving goes on when the client is gone.
    private static readonly TimeSpan SaveTimeout = TimeSpan.FromSeconds(10);

    private const string BrokeOff = "The assistant broke off here. What it had done by then is listed, and is stored.";

    /// <summary>Answers a message.</summary>
    /// <param name="message">The message, checked.</param>
    /// <param name="conversation">The conversation that it belongs to; null begins one.</param>
    /// <param name="events">Hears of the turn while it goes on.</param>
    /// <param name="client">Cancelled when the client is gone.</param>
    /// <exception cref="ProblemException">
    /// 404: no such conversation; 409: a turn of it is under way; 429: too many messages, or no tokens left today; 403: too many conversations;
    /// 502 to 504: the model failed, and nothing was changed.
    /// </exception>
    public async Task<ChatResponse> Send(string message, Guid? conversation, IChatEvents events, CancellationToken client)
    {
        await budget.TakeMessage(caller.UserId, client);
        var open = conversation is { } id
            ? await conversations.Resume(caller.UserId, id, client)
            : await conversations.Begin(caller.UserId, message, client);
        return await Run(open, open.Next, new ChatTurn { Id = Guid.NewGuid(), Message = message, CreatedAt = clock.GetUtcNow(), Mode = model.Mode }, open.Turns, null, events, client);
    }

    /// <summary>Decides about a call that waits, and lets the turn go on once none waits any more.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="request">The approval's id.</param>
    /// <param name="approve">Whether the call may be made, exactly as it was shown.</param>
    /// <param name="events">Hears of the turn while it goes on.</param>
    /// <param name="client">Cancelled when the client is gone.</param>
    /// <exception cref="ProblemException">
    /// 404: no such conversation, or no such request in it; 409: it was decided before, the conversation has gone on, or a turn is under way;
    /// 403: the token may not do that.
    /// </exception>
    public async Task<ChatResponse> Decide(Guid conversation, Guid request, bool approve, IChatEvents events, CancellationToken client)
    {
        var open = await conversations.Resume(caller.UserId, conversation, client);
        try
        {
            var index = open.Turns.ToList().FindIndex(turn => turn.Approvals.Exists(approval => approval.RequestId == request));
            var turn = index < 0 ? throw Problem.NotFound("approval").AsException() : open.Turns[index];
            if (index < open.Turns.Count - 1 || turn.Approvals.Find(approval => approval.RequestId == request)!.Status != ApprovalStatus.Pending)
            {
                throw Problem.Conflict("approval_decided", "This was decided before, or the conversation has gone on without it.").AsException();
            }

            rounds.RequireMayDecide(turn, request, approve);
        }
        catch
        {
            await Kept(ct => conversations.Release(open, 0, ct));
            throw;
        }

        return await Run(open, open.Next - 1, open.Turns[^1], [.. open.Turns.SkipLast(1)], (request, approve), events, client);
    }

    private async Task<ChatResponse> Run(
        OpenConversation open, int number, ChatTurn turn, IReadOnlyList<ChatTurn> before, (Guid Request, bool Approve)? decision, IChatEvents events, CancellationToken client)
    {
        var (given, said, done) = (Window(before), turn.Rounds.Count, turn.Actions.Count); // the client has heard of what came before
        try
        {
            turn.ReadInstructions |= given.Exists(one => one.ReadInstructions); // so it goes on, also when the first of them is not given any more
            if (decision is { } decided)
            {
                await rounds.Decide(turn, decided.Request, decided.Approve, events, client);
                await Save(ended: turn.HasPending);
            }

            while (!turn.HasPending)
            {
                client.ThrowIfCancellationRequested();
                var round = await Ask(turn, given, isFirst: turn.TextFrom(said).Length == 0, events, client);
                turn.Rounds.Add(round);
                if (!round.Calls.Any())
                {
                    break;
                }

                await rounds.Run(turn, round, events, client);
                await Save(ended: turn.HasPending);
            }

            turn.Note = turn.TextFrom(said).Length == 0 && !turn.HasPending ? "The assistant said nothing." : turn.Note;
            await Save(ended: true);
            metrics.Turn(turn.Mode, turn.HasPending ? "waiting" : "answered");
            return Response();
        }
        catch (Exception error) when (HasToTell() && !client.IsCancellationRequested)
        {
            // The client must hear of what was committed.
            Failed(error);
            turn.Note = BrokeOff;
            await events.Delta(new(turn.TextFrom(said).Length > BrokeOff.Length ? "\n\n" + BrokeOff : BrokeOff), client);
            await Kept(ct => conversations.Save(open, number, turn, ended: true, ct));
            return Response();
        }
        catch (Exception error)
        {
            if (HasToTell())
            {
                turn.Note = turn.HasPending ? null : BrokeOff;
                await Kept(ct => conversations.Save(open, number, turn, ended: true, ct));
            }
            else
            {
                await Kept(ct => conversations.Release(open, number, ct));
            }

            Failed(error);
            if (error is ModelFailureException { Problem: var problem })
            {
                throw problem.AsException();
            }

            throw;
        }

        bool HasToTell() => turn.Actions.Count > 0 || turn.Approvals.Count > 0;

        async Task Save(bool ended)
        {
            turn.AnsweredAt = clock.GetUtcNow();
            using var timeout = new CancellationTokenSource(SaveTimeout);
            await conversations.Save(open, number, turn, ended, timeout.Token);
        }

        ChatResponse Response() => new(
            turn.TextFrom(said), open.Id, turn.Mode, [.. turn.Actions.Skip(done)], [.. turn.Approvals.Where(approval => approval.Status == ApprovalStatus.Pending)]);
    }

    // One response of the model, told as it comes.
    private async Task<ChatRound> Ask(ChatTurn turn, IReadOnlyList<ChatTurn> given, bool isFirst, IChatEvents events, CancellationToken client)
    {
        var (messages, options) = (given.Append(turn).SelectMany(one => one.ToMessages()).ToList(), new ChatOptions
        {
            Instructions = SystemPrompt.For(caller, clock.GetUtcNow()),
            MaxOutputTokens = MaxOutputTokens,
            Tools = turn.ToolRounds < MaxRounds ? rounds.Declarations : [],
        });
        var (text, calls, usage) = (new System.Text.StringBuilder(), new List<AIContent>(), (UsageDetails?)null);
        var (separate, took) = (!isFirst, turn.Mode == ChatMode.Model);
        try
        {
            await foreach (var update in model.Client.GetStreamingResponseAsync(messages, options, client))
            {
                if (update.Text is { Length: > 0 } more)
                {
                    text.Append(more);
                    await events.Delta(new(separate ? "\n\n" + more : more), client);
                    separate = false;
                }

                calls.AddRange(update.Contents.OfType<FunctionCallContent>());
                usage = update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details ?? usage;
            }
        }
        catch (ModelFailureException)
        {
            took &= text.Length > 0; // what did not begin took nothing
            throw;
        }
        finally
        {
            if (took)
            {
                // Also of a response that broke off; where the provider does not say, a token is taken for four characters.
                var tokens = usage?.TotalTokenCount ?? usage?.InputTokenCount + usage?.OutputTokenCount
                    ?? (messages.Sum(LengthOf) + options.Instructions!.Length + text.Length) / 4;
                await Kept(ct => budget.TakeTokens(caller.UserId, tokens, ct));
            }
        }

        var contents = new List<AIContent> { new TextContent(text.ToString()) };
        contents.AddRange(options.Tools.Count > 0 ? calls : []); // it was given none
        return new() { Answer = new(ChatRole.Assistant, contents) };
    }

    // The latest turns, as many as a model is given: whole ones.
    private static List<ChatTurn> Window(IReadOnlyList<ChatTurn> turns)
    {
        var left = MaxHistory;
        return [.. turns.Reverse().TakeWhile(turn => (left -= turn.ToMessages().Sum(LengthOf)) >= 0).Reverse()];
    }

    private static int LengthOf(ChatMessage message) => message.Contents.Sum(content => content switch
    {
        TextContent text => text.Text.Length,
        FunctionResultContent { Result: System.Text.Json.JsonElement result } => result.GetRawText().Length,
        FunctionCallContent call => ToolCalls.ArgumentsOf(call)?.GetRawText().Length ?? 0,
        _ => 0,
    });

    private void Failed(Exception error)
    {
        switch (error)
        {
            case ModelFailureException failure:
                metrics.Turn(model.Mode, failure.Outcome);
                LogModelFailed(failure, failure.Outcome);
                break;
            case OperationCanceledException:
                metrics.Turn(model.Mode, "cancelled");
                break;
            default:
                metrics.Turn(model.Mode, "failed");
                LogBrokeOff(error);
                break;
        }
    }

    // What must be tried although something has failed already; that is what the client is told of.
    private async Task Kept(Func<CancellationToken, Task> act)
    {
        try
        {
            using var timeout = new CancellationTokenSource(SaveTimeout);
            await act(timeout.Token);
        }
        catch (Exception error)
        {
            LogNotKept(error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The language model failed: {Outcome}")]
    private partial void LogModelFailed(Exception error, string outcome);

    [LoggerMessage(Level = LogLevel.Error, Message = "A message could not be answered to its end")]
    private partial void LogBrokeOff(Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The state of a conversation could not be stored")]
    private partial void LogNotKept(Exception error);
}
