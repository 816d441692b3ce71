using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Notifications;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>What deliveries that are claimed say, of their tasks as they are now; one may speak for others that quiet hours deferred.</summary>
internal sealed class DeliveryMessages
{
    private readonly ILookup<Guid, Delivery> _parts;
    private readonly Dictionary<Guid, Notification> _notifications;
    private readonly NotifiedTasks _tasks;

    private DeliveryMessages(ILookup<Guid, Delivery> parts, Dictionary<Guid, Notification> notifications, NotifiedTasks tasks)
    {
        (_parts, _notifications, _tasks) = (parts, notifications, tasks);
    }

    /// <summary>Reads what is said, and tracks the deliveries that others speak for.</summary>
    public static async Task<DeliveryMessages> Read(TodoFlowDb db, IReadOnlyList<Delivery> due, CancellationToken ct)
    {
        var speakers = due.Where(delivery => delivery.DeferredUntil is not null).Select(delivery => (Guid?)delivery.Id).ToArray();
        var parts = speakers.Length == 0 ? []
            : await db.Deliveries.Where(part => speakers.Contains(part.CollapsedInto)).OrderBy(part => part.Id).ToListAsync(ct);
        var ids = due.Concat(parts).Select(delivery => delivery.NotificationId).Distinct().ToArray();
        var notifications = await db.Notifications.AsNoTracking().Where(notification => ids.Contains(notification.Id)).ToDictionaryAsync(notification => notification.Id, ct);
        return new(parts.ToLookup(part => part.CollapsedInto!.Value), notifications, await NotifiedTasks.Read(db, notifications.Values, ct));
    }

    /// <summary>Why a delivery is not to be sent any more; null where it is.</summary>
    public string? WhyNot(Delivery delivery) => _tasks.WhyNot(_notifications[delivery.NotificationId]);

    /// <summary>
    /// The deliveries that one speaks for, and which are still to be told. The others are deliveries of their own again, which the queue
    /// takes up to cancel them; where the speaker itself is one of those, the first of the rest speaks in its place.
    /// </summary>
    /// <returns>Those that it speaks for, itself not included.</returns>
    public IReadOnlyList<Delivery> Regroup(Delivery speaker, DateTimeOffset now)
    {
        var live = _parts[speaker.Id].Where(part => WhyNot(part) is null).ToList();
        foreach (var part in _parts[speaker.Id].Except(live))
        {
            Release(part, now);
        }

        if (live.Count == 0 || WhyNot(speaker) is null)
        {
            return live;
        }

        Release(live[0], now);
        foreach (var part in live.Skip(1))
        {
            part.CollapsedInto = live[0].Id;
        }

        return [];
    }

    /// <summary>What a delivery says.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="others">Those that it speaks for.</param>
    /// <param name="zone">The zone in which times are named.</param>
    public DeliveryMessage Write(Delivery delivery, IReadOnlyList<Delivery> others, TimeZoneInfo zone)
    {
        var notification = _notifications[delivery.NotificationId];
        var (title, body) = _tasks.Text(notification, zone);
        if (others.Count > 0)
        {
            var first = others.Take(ReminderText.MostLines).Select(part => _tasks.Text(_notifications[part.NotificationId], zone));
            (title, body) = (ReminderText.SummaryTitle(others.Count + 1), ReminderText.SummaryBody([(title, body), .. first], others.Count + 1));
        }

        return new DeliveryMessage
        {
            DeliveryId = delivery.Id,
            UserId = delivery.UserId,
            NotificationId = notification.Id,
            TaskId = notification.TaskId,
            ReminderId = notification.ReminderId,
            Title = title,
            Body = body,
            Count = others.Count + 1,
            RemindAt = notification.RemindAt,
            Late = notification.Late,
            CreatedAt = notification.CreatedAt,
            Attempt = 0,
        };
    }

    private static void Release(Delivery part, DateTimeOffset now) =>
        (part.Status, part.CollapsedInto, part.DueAt, part.EndedAt) = (DeliveryStatus.Pending, null, now, null);
}
