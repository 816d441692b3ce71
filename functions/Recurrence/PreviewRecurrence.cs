using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Tasks;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Recurrence;

/// <summary>POST /api/recurrence/preview: what completing a recurring task would make. Nothing is stored.</summary>
public sealed class PreviewRecurrence(Caller caller)
{
    /// <summary>Returns 200 with the next occurrences, each completed when it is due.</summary>
    [Function(nameof(PreviewRecurrence))]
    [RequiresScope(AccessScopes.TasksRead)]
    [Body(typeof(PreviewRecurrenceRequest))]
    [Returns<RecurrencePreview>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/recurrence/preview")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<PreviewRecurrenceRequest>(ct);
        return TypedResults.Ok(body.Preview(caller.TimeZone));
    }
}

/// <summary>A recurring task of which only the rhythm matters.</summary>
public sealed record PreviewRecurrenceRequest : IValidatableObject
{
    private const int DefaultCount = 5;

    /// <inheritdoc cref="TaskItem.Recurrence"/>
    [Required, TextLength(RecurrenceRule.MaxLength), Recurrence, Example("FREQ=WEEKLY;BYDAY=MO,TH")]
    [Description("none, daily, weekdays, weekly, monthly, yearly, or an RFC 5545 rule; with it, in lines of their own, DTSTART and EXDATE.")]
    public string Recurrence { get; set; } = "";

    /// <inheritdoc cref="TaskItem.RecurrenceBasis"/>
    [DefaultValue("due")]
    public RecurrenceBasis? RecurrenceBasis { get; set; }

    /// <inheritdoc cref="TaskItem.TimeZone"/>
    [TimeZoneId, Description("An IANA time zone; by default that of the user.")]
    public string? TimeZone { get; set; }

    /// <summary>What the rule counts from.</summary>
    [Description("The due date of the series' first occurrence; by default the DTSTART of the recurrence, or due_date.")]
    public WrittenDueDate? AnchorDate { get; set; }

    /// <inheritdoc cref="TaskItem.DueDate"/>
    [Required, Example("2026-03-02"), Description("An RFC 3339 instant, YYYY-MM-DD for an all-day task, or beside a time_zone a local time such as 2026-03-02T09:00:00.")]
    public WrittenDueDate? DueDate { get; set; }

    /// <summary>When the task is completed.</summary>
    [Description("When the task is completed; by default when it is due.")]
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>How many occurrences.</summary>
    [DefaultValue(DefaultCount), Range(1, 100)]
    public int? Count { get; set; }

    /// <summary>The occurrences, in the user's zone unless another is named.</summary>
    internal RecurrencePreview Preview(string timeZone)
    {
        var rule = RecurrenceRule.Parse(Recurrence);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(TaskFields.Zone(TimeZone) ?? rule.StartZone ?? timeZone);
        var start = rule.StartIn(zone);
        var due = DueDate!.In(zone);
        var wall = WallTime.Of(due, zone);
        TaskItem.RequireOneKind(start, wall);
        var anchor = AnchorDate is null ? start ?? wall : WallTime.Of(AnchorDate.In(zone), zone);
        var series = new RecurrenceSeries(rule, RecurrenceBasis ?? default, anchor.InKindOf(wall), zone);
        var preview = series.Preview(series.DueAt(due), CompletedAt, Count ?? DefaultCount);
        return new(
            [.. preview.Occurrences.Select(occurrence => new PreviewedOccurrence { DueDate = occurrence.Due.Text, Note = occurrence.Note })],
            preview.Ended);
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        TaskFields.ZoneErrors(TimeZone, Recurrence, (nameof(DueDate), DueDate), (nameof(AnchorDate), AnchorDate));
}
