using System.Text.Json;
using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;
using TodoFlow.Infrastructure.Assistant.Tools;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>What answers in a conversation.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ChatMode>))]
public enum ChatMode
{
    /// <summary>Fixed rules, without a language model.</summary>
    Rules,

    /// <summary>A language model.</summary>
    Model,
}

/// <summary>What became of a message.</summary>
/// <param name="Response">What the assistant says: plain text. It is no record of what was done.</param>
/// <param name="ConversationId">The conversation, for the next message.</param>
/// <param name="Mode">What answered.</param>
/// <param name="Actions">What was committed, in that order.</param>
/// <param name="Approvals">What waits for the user's approval.</param>
public sealed record ChatResponse(
    string Response, Guid ConversationId, ChatMode Mode, IReadOnlyList<ToolAction> Actions, IReadOnlyList<ChatApproval> Approvals);

/// <summary>A call of a tool that needs the user's approval.</summary>
/// <param name="RequestId">Its id, by which it is decided.</param>
/// <param name="Tool">The tool.</param>
/// <param name="Summary">What it would do, and why that needs an approval, in one sentence.</param>
/// <param name="Reason">Why it needs one.</param>
/// <param name="Items">The tasks that it is about, with their titles as they are stored.</param>
/// <param name="Arguments">What the tool would be called with, and nothing else.</param>
/// <param name="Status">What became of it.</param>
public sealed record ChatApproval(
    Guid RequestId, string Tool, string Summary, ApprovalReason Reason, IReadOnlyList<ChatApprovalItem> Items, JsonElement Arguments, ApprovalStatus Status);

/// <summary>A task that a call is about.</summary>
/// <param name="TaskId">The task; none where it would be added.</param>
/// <param name="Title">Its title.</param>
public sealed record ChatApprovalItem([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? TaskId, string Title);

/// <summary>Why a call needs an approval.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ApprovalReason>))]
public enum ApprovalReason
{
    /// <summary>It deletes.</summary>
    Deletion,

    /// <summary>The turn would change more than five tasks with it.</summary>
    ManyItems,

    /// <summary>The model has read texts of tasks that look like instructions.</summary>
    InstructionsInTasks,
}

/// <summary>What became of a call that needs an approval.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ApprovalStatus>))]
public enum ApprovalStatus
{
    /// <summary>Nobody has decided.</summary>
    Pending,

    /// <summary>It was approved, and made.</summary>
    Approved,

    /// <summary>It was refused.</summary>
    Refused,

    /// <summary>The conversation went on without it.</summary>
    Expired,
}

/// <summary>A conversation in the list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">The beginning of its first message.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="UpdatedAt">When something was last said in it.</param>
public sealed record ConversationSummary(Guid Id, string Title, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A conversation with what was said and done in it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">The beginning of its first message.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="UpdatedAt">When something was last said in it.</param>
/// <param name="Messages">Its messages, oldest first.</param>
public sealed record ConversationResponse(
    Guid Id, string Title, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, IReadOnlyList<ConversationMessage> Messages);

/// <summary>Who said something.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ConversationRole>))]
public enum ConversationRole
{
    /// <summary>The user.</summary>
    User,

    /// <summary>The assistant.</summary>
    Assistant,
}

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who said it.</param>
/// <param name="Text">What was said: plain text.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="Actions">What was committed.</param>
/// <param name="Approvals">What needed the user's approval, whatever became of it.</param>
public sealed record ConversationMessage(
    ConversationRole Role, string Text, DateTimeOffset CreatedAt, IReadOnlyList<ToolAction> Actions, IReadOnlyList<ChatApproval> Approvals);
