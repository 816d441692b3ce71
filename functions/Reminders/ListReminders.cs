using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Reminders;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Functions.Reminders;

/// <summary>GET /api/reminders: the caller's reminders, the soonest first.</summary>
public sealed class ListReminders(ReminderList list, PageBudget budget, Caller caller)
{
    /// <summary>Returns 200 with an array; the next page is in the <c>Link</c> header.</summary>
    [Function(nameof(ListReminders))]
    [RequiresScope(AccessScopes.TasksRead)]
    [Query(typeof(ListRemindersQuery))]
    [Returns<List<ReminderResponse>>(200, "Link")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/reminders")] HttpRequest request, CancellationToken ct)
    {
        var filter = request.ReadQuery<ListRemindersQuery>().ToFilter();
        var (reminders, more) = await list.Page(caller.UserId, filter, budget, ct);
        if (more)
        {
            Responses.LinkNextPage(request, "offset", (filter.Offset + reminders.Count).ToString(CultureInfo.InvariantCulture));
        }

        return TypedResults.Ok(reminders);
    }
}

/// <summary>Which reminders are wanted.</summary>
public sealed record ListRemindersQuery
{
    /// <inheritdoc cref="ReminderFilter.TaskId"/>
    [Description("Only the reminders of this task.")]
    public Guid? TaskId { get; set; }

    /// <inheritdoc cref="ReminderFilter.Status"/>
    [Description("Only reminders that are pending (waiting, or on their way), sent, failed or cancelled.")]
    public ReminderStatus? Status { get; set; }

    /// <inheritdoc cref="ReminderFilter.Order"/>
    [DefaultValue("asc"), Description("By remind_at: asc is the soonest first.")]
    public SortOrder? Order { get; set; }

    /// <inheritdoc cref="ReminderFilter.Limit"/>
    [DefaultValue(50), Range(1, 200)]
    public int? Limit { get; set; }

    /// <inheritdoc cref="ReminderFilter.Offset"/>
    [DefaultValue(0), Range(0, 10_000)]
    public int? Offset { get; set; }

    /// <summary>The filter.</summary>
    internal ReminderFilter ToFilter() => new(TaskId, Status, Order ?? SortOrder.Asc, Limit ?? 50, Offset ?? 0);
}
