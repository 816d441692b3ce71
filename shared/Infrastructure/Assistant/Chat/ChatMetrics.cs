using System.Diagnostics.Metrics;
using TodoFlow.Domain.Diagnostics;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>
/// What the chat measures. What the model takes is measured by Microsoft.Extensions.AI, and the tools by themselves, both as OpenTelemetry's
/// conventions for generative AI say.
/// </summary>
public sealed class ChatMetrics
{
    private readonly Counter<long> _turns;
    private readonly Counter<long> _approvals;

    /// <summary>Makes the instruments.</summary>
    public ChatMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Telemetry.Name);
        _turns = meter.CreateCounter<long>("todoflow.chat.turns", "{turn}", "Messages and decisions that were answered, by mode and by how that ended.");
        _approvals = meter.CreateCounter<long>("todoflow.chat.approvals", "{approval}", "Calls that needed an approval, by why, and by what became of them.");
    }

    /// <summary>A message or a decision was answered, or was not.</summary>
    /// <param name="mode">What answered.</param>
    /// <param name="outcome"><c>answered</c>, <c>waiting</c> for an approval, <c>cancelled</c>, or how the model failed.</param>
    public void Turn(ChatMode mode, string outcome) =>
        _turns.Add(1, new("todoflow.mode", mode == ChatMode.Model ? "model" : "rules"), new("todoflow.outcome", outcome));

    /// <summary>A call needs an approval, or was decided.</summary>
    public void Approval(ApprovalReason reason, ApprovalStatus status) =>
        _approvals.Add(1, new("todoflow.reason", Name(reason)), new("todoflow.outcome", Name(status)));

    private static string Name<T>(T member)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(member.ToString());
}
