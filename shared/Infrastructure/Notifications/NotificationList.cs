using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Retention;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>A notification as its user sees it.</summary>
/// <param name="Id">The notification.</param>
/// <param name="TaskId">The task that it is about, which may be gone.</param>
/// <param name="ReminderId">The reminder that it comes from; null where there is none.</param>
/// <param name="Title">What to show first: the task's title as it is now, or as it was where the task is gone.</param>
/// <param name="Body">The text below it, with the task's due date as it is now.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ReadAt">When it was read; null until then.</param>
/// <param name="TaskCompletedAt">When the task was completed; null while it is open, and where it is gone.</param>
public sealed record NotificationResponse(
    Guid Id, Guid TaskId, Guid? ReminderId, string Title, string Body, DateTimeOffset CreatedAt, DateTimeOffset? ReadAt,
    DateTimeOffset? TaskCompletedAt)
{
    /// <summary>A notification about a task as it is now.</summary>
    /// <param name="notification">The notification.</param>
    /// <param name="task">The task; null where it is gone.</param>
    /// <param name="zone">The zone in which times are named.</param>
    public static NotificationResponse From(Notification notification, TaskItem? task, TimeZoneInfo zone)
    {
        var (title, body) = NotifiedTasks.Text(notification, task, zone);
        return new(
            notification.Id, notification.TaskId, notification.ReminderId, title, body, notification.CreatedAt, notification.ReadAt, task?.CompletedAt);
    }
}

/// <summary>A user's list of notifications: the channel <c>in_app</c>.</summary>
public sealed class NotificationList(UnitOfWork work, IOptions<HistorySettings> history, TimeProvider clock)
{
    private const int Batch = 1000;

    // The names, the punctuation, and what is of a fixed length.
    private const int Frame = 300;

    /// <summary>A page, newest first, and whether there is more.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="unread">Whether only those that are, or are not, unread are wanted; null for all.</param>
    /// <param name="before">The last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="budget">How long the page may be: it ends early where it would be longer.</param>
    /// <param name="ct">Ends the query.</param>
    public async Task<(List<NotificationResponse> Page, bool More)> Page(
        Guid user, bool? unread, Guid? before, int limit, PageBudget budget, CancellationToken ct)
    {
        var found = Of(user).AsNoTracking();
        found = unread is { } wanted ? found.Where(notification => notification.ReadAt == null == wanted) : found;
        found = before is { } last ? found.Where(notification => notification.Id < last) : found;
        var (page, more) = (new List<Notification>(limit), false);
        await foreach (var notification in found.OrderByDescending(notification => notification.Id).Take(limit + 1).AsAsyncEnumerable().WithCancellation(ct))
        {
            if (page.Count == limit || !budget.Add(Frame + JsonSize.Of(notification.Title) + JsonSize.Of(notification.Body)))
            {
                more = true;
                break;
            }

            page.Add(notification);
        }

        return (await Describe(user, page, ct), more);
    }

    /// <summary>How many are unread.</summary>
    public Task<int> CountUnread(Guid user, CancellationToken ct) => Of(user).CountAsync(notification => notification.ReadAt == null, ct);

    /// <summary>Marks one as read; one that is read already stays as it is.</summary>
    /// <returns>The notification; null where the user has no such one.</returns>
    public async Task<NotificationResponse?> Read(Guid user, Guid id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await Of(user).Where(notification => notification.Id == id && notification.ReadAt == null)
            .ExecuteUpdateAsync(change => change.SetProperty(notification => notification.ReadAt, now), ct);
        return await Of(user).AsNoTracking().SingleOrDefaultAsync(notification => notification.Id == id, ct) is { } read
            ? (await Describe(user, [read], ct))[0]
            : null;
    }

    /// <summary>Marks as read what is not.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="upTo">The newest that the user has seen; null for all.</param>
    /// <param name="ct">Ends the work.</param>
    /// <returns>How many there were.</returns>
    public Task<int> ReadAll(Guid user, Guid? upTo, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var unread = Of(user).Where(notification => notification.ReadAt == null);
        unread = upTo is { } newest ? unread.Where(notification => notification.Id <= newest) : unread;
        return unread.ExecuteUpdateAsync(change => change.SetProperty(notification => notification.ReadAt, now), ct);
    }

    /// <summary>
    /// Deletes everybody's notifications that are older than the settings say, in batches; those that are still on their way stay until
    /// they have arrived or were given up. Safe on every instance at once.
    /// </summary>
    /// <returns>How many.</returns>
    public async Task<int> Prune(CancellationToken ct)
    {
        var oldest = Guid.CreateVersion7(clock.GetUtcNow() - history.Value.Notifications); // ids are in the order of time
        var (all, deleted) = (0, 0);
        do
        {
            deleted = await work.Db.Database.ExecuteSqlAsync(
                $"""
                delete from notification where id in (
                    select id from notification where id < {oldest}
                        and not exists (select from delivery where notification_id = notification.id and status in (0, 1))
                    order by id limit {Batch} for update skip locked)
                """,
                ct);
            all += deleted;
        }
        while (deleted == Batch);
        return all;
    }

    private async Task<List<NotificationResponse>> Describe(Guid user, List<Notification> page, CancellationToken ct)
    {
        if (page.Count == 0)
        {
            return [];
        }

        var tasks = await NotifiedTasks.ReadTasks(work.Db, [.. page.Select(notification => notification.TaskId).Distinct()], ct);
        var zone = (await work.Db.ReadRecipients([user], ct))[user].Zone;
        return [.. page.Select(notification => NotificationResponse.From(notification, tasks.GetValueOrDefault(notification.TaskId), zone))];
    }

    private IQueryable<Notification> Of(Guid user) => work.Db.Notifications.Where(notification => notification.UserId == user && notification.Listed);
}
