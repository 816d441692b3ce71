using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Notifications;

namespace TodoFlow.Functions.Notifications;

/// <summary>GET /api/notifications: what the caller was told, newest first.</summary>
public sealed class ListNotifications(NotificationList list, PageBudget budget, Caller caller)
{
    /// <summary>Returns 200 with an array; the number of all that are unread is in <c>X-Unread-Count</c>, the next page in <c>Link</c>.</summary>
    [Function(nameof(ListNotifications))]
    [RequiresScope(AccessScopes.Notifications)]
    [Query(typeof(ListNotificationsQuery))]
    [Returns<List<NotificationResponse>>(200, "Link", "X-Unread-Count")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/notifications")] HttpRequest request, CancellationToken ct)
    {
        var query = request.ReadQuery<ListNotificationsQuery>();
        var (page, more) = await list.Page(caller.UserId, query.Unread, query.Cursor, query.Limit ?? 50, budget, ct);
        if (more)
        {
            Responses.LinkNextPage(request, "cursor", page[^1].Id.ToString());
        }

        request.HttpContext.Response.Headers["X-Unread-Count"] = (await list.CountUnread(caller.UserId, ct)).ToString(CultureInfo.InvariantCulture);
        return TypedResults.Ok(page);
    }
}

/// <summary>Which notifications are wanted.</summary>
public sealed record ListNotificationsQuery
{
    /// <summary>Whether those are wanted that are unread.</summary>
    [Description("true for those that are unread, false for those that were read. By default all.")]
    public bool? Unread { get; set; }

    /// <summary>How many at most.</summary>
    [DefaultValue(50), Range(1, 200)]
    public int? Limit { get; set; }

    /// <summary>Where the page begins.</summary>
    [Description("The cursor of the Link header of the page before: the id of its last notification.")]
    public Guid? Cursor { get; set; }
}
