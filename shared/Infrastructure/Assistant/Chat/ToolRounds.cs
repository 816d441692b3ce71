using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Models;
using TodoFlow.Infrastructure.Assistant.Tools;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>
/// Makes the calls of tools that a model's response asks for, one after the other, or lets them wait for the user.
/// </summary>
/// <remarks>
/// <c>FunctionInvokingChatClient</c> of Microsoft.Extensions.AI 10.11 does not fit: it knows which functions need an approval, not which calls
/// do; where one of several calls needs it, it asks for all of them; its rounds begin anew with every approval; and what it has done is in its
/// memory alone until the last round has ended, while here each round is stored before the next one begins.
/// </remarks>
public sealed class ToolRounds(AssistantTools tools, ApprovalItems items, ChatMetrics metrics, Caller caller)
{
    private const int MaxCalls = 16;
    private const string Adding = "add_tasks";

    // A tool is not cancelled when the client goes: what it commits must be recorded.
    private static readonly TimeSpan ToolTimeout = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, AssistantTool> _tools = tools.For(caller.Subject.Scopes).ToDictionary(tool => tool.Name, StringComparer.Ordinal);

    /// <summary>The tools as a model is told of them.</summary>
    internal IList<AITool> Declarations => [.. _tools.Values.Select(tool => new Declaration(tool))];

    /// <summary>Makes the calls of a response.</summary>
    internal async Task Run(ChatTurn turn, ChatRound round, IChatEvents events, CancellationToken client)
    {
        foreach (var (index, call) in round.Calls.Index())
        {
            client.ThrowIfCancellationRequested();
            if (index >= MaxCalls)
            {
                round.Results[call.CallId] = Error("too_many_calls", $"At most {MaxCalls} calls at once.");
            }
            else if (!_tools.TryGetValue(call.Name, out var tool))
            {
                round.Results[call.CallId] = Error("unknown_tool", "There is no such tool.");
            }
            else if (ToolCalls.ArgumentsOf(call) is not { } arguments)
            {
                round.Results[call.CallId] = Error("malformed_arguments", "The arguments must be a JSON object.");
            }
            else if (ApprovalRule.ReasonFor(tool, arguments, turn.Changes, turn.ReadInstructions) is { } reason)
            {
                var about = await items.Find(arguments, client);
                var approval = new ChatApproval(
                    Guid.NewGuid(), tool.Name, ApprovalRule.Summarize(tool, Math.Max(about.Count, tool.CountItems(arguments)), reason), reason, about, arguments, ApprovalStatus.Pending);
                turn.Approvals.Add(approval);
                round.Waiting[call.CallId] = approval.RequestId;
                metrics.Approval(reason, ApprovalStatus.Pending);
                await events.ApprovalRequired(approval, client);
            }
            else
            {
                await Invoke(turn, round, call.CallId, tool, arguments, events, client);
            }
        }
    }

    /// <summary>Refuses an approval that the token does not allow.</summary>
    /// <exception cref="ProblemException">403: it lacks the tool's scope.</exception>
    internal void RequireMayDecide(ChatTurn turn, Guid request, bool approve)
    {
        var name = turn.Approvals.Find(approval => approval.RequestId == request)!.Tool;
        if (approve && !_tools.ContainsKey(name))
        {
            var scope = tools.For(AccessScopes.All).FirstOrDefault(tool => tool.Name == name)?.Scope ?? AccessScopes.All;
            throw Problem.InsufficientScope(string.Join(' ', ScopeNames.Of(scope & ~caller.Subject.Scopes))).AsException();
        }
    }

    /// <summary>Makes a call that waited, as it was shown, or leaves it.</summary>
    internal async Task Decide(ChatTurn turn, Guid request, bool approve, IChatEvents events, CancellationToken client)
    {
        var index = turn.Approvals.FindIndex(approval => approval.RequestId == request);
        var approval = turn.Approvals[index];
        var round = turn.Rounds.Find(round => round.Waiting.ContainsValue(request))!;
        var call = round.Waiting.First(waiting => waiting.Value == request).Key;
        turn.Approvals[index] = approval with { Status = approve ? ApprovalStatus.Approved : ApprovalStatus.Refused };
        metrics.Approval(approval.Reason, turn.Approvals[index].Status);
        if (approve)
        {
            await Invoke(turn, round, call, _tools[approval.Tool], approval.Arguments, events, client);
        }
        else
        {
            round.Results[call] = ChatTurn.NotApproved;
        }
    }

    private async Task Invoke(
        ChatTurn turn, ChatRound round, string call, AssistantTool tool, JsonElement arguments, IChatEvents events, CancellationToken client)
    {
        await events.Tool(new(tool.Name, ChatToolStatus.Started, []), client);
        using var timeout = new CancellationTokenSource(ToolTimeout);
        ToolResult result;
        try
        {
            result = await tools.Invoke(tool, tool.Name == Adding ? Named(turn, arguments) : arguments, timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            result = ToolResult.Failed(AssistantTools.Unavailable);
        }

        var told = JsonSerializer.SerializeToElement(result.Structured);
        round.Results[call] = told;
        turn.Changes += tool.CountItems(arguments);
        turn.Actions.AddRange(result.Actions);
        turn.ReadInstructions |= PlantedInstructions.AreIn(told);
        await events.Tool(new(tool.Name, result.IsError ? ChatToolStatus.Failed : ChatToolStatus.Done, result.Actions), client);
    }

    // What a message asks for is added once, however often a model calls; the next message may ask for the same again.
    private static JsonElement Named(ChatTurn turn, JsonElement arguments)
    {
        var named = JsonObject.Create(arguments)!;
        named["request_id"] ??= turn.Id.ToString();
        return JsonSerializer.SerializeToElement(named);
    }

    private static JsonElement Error(string code, string detail) => JsonSerializer.SerializeToElement(new { error = new { code, detail } });

    private sealed class Declaration(AssistantTool tool) : AIFunctionDeclaration
    {
        public override string Name => tool.Name;

        public override string Description => tool.Description;

        public override JsonElement JsonSchema => tool.InputSchema;
    }
}
