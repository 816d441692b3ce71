using System.Text.Json;
using TodoFlow.Domain.Accounts;
using TodoFlow.Infrastructure.Assistant.Tools;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>
/// Which calls the user has to approve (docs/assistant.md): every deletion; whatever would bring a turn over five changed tasks; and every
/// change after the model has read, in this conversation, texts of tasks that look like instructions.
/// </summary>
public static class ApprovalRule
{
    /// <summary>How many tasks a turn may change without being asked.</summary>
    public const int MaxChanges = 5;

    /// <summary>Why a call needs an approval; null where it needs none.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="changesBefore">How many tasks the turn might have changed already.</param>
    /// <param name="sawInstructions">Whether the model has read texts of tasks that look like instructions, in this turn or in one before.</param>
    public static ApprovalReason? ReasonFor(AssistantTool tool, JsonElement arguments, int changesBefore, bool sawInstructions) =>
        tool.ReadOnly ? null
        : tool.Scope.HasFlag(AccessScopes.TasksDelete) ? ApprovalReason.Deletion
        : changesBefore + tool.CountItems(arguments) > MaxChanges ? ApprovalReason.ManyItems
        : sawInstructions ? ApprovalReason.InstructionsInTasks
        : null;

    /// <summary>What a call would do and why that is asked, in one sentence or two.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="items">How many tasks it is about.</param>
    /// <param name="reason">Why an approval is needed.</param>
    public static string Summarize(AssistantTool tool, int items, ApprovalReason reason) =>
        $"{tool.Title}: {items} {(items == 1 ? "task" : "tasks")}." + reason switch
        {
            ApprovalReason.InstructionsInTasks => " Texts of tasks that the assistant has read look like instructions to it: check that you want this.",
            _ => "",
        };
}
