using System.Text.Json.Serialization;
using Npgsql;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>One step on a reminder's way to its user.</summary>
public sealed record TraceStep
{
    /// <summary>When it happened.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>
    /// What happened: scheduled, moved, snoozed, claimed (it fired), fired (before it was planned anew), published, notified, deferred,
    /// collapsed, attempt, given_up, sent, failed, cancelled.
    /// </summary>
    public required string Step { get; init; }

    /// <summary>The channel, where the step is one channel's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Channel { get; init; }

    /// <summary>Which try it was, from 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Attempt { get; init; }

    /// <summary>What came of the try: sent, retry, failed, running or interrupted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Outcome { get; init; }

    /// <summary>Why, in a stable word or a code of the other side's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>The instant that the reminder was set to until then.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? RemindAt { get; init; }

    /// <summary>Until when quiet hours deferred it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Until { get; init; }
}

/// <summary>Tells how a reminder came to its user, or why it did not, from what each part of the way has stored.</summary>
public sealed class ReminderTrace(NpgsqlDataSource database, TimeProvider clock)
{
    // The outbox keeps events for a day; after that, when the notifier took the event up stands for when it was published. Tries of a
    // delivery that speaks for a collapsed one are tries of both. Ranks order what happened at the same instant.
    private const string Sql =
        $"""
        with mine as (
            select * from reminder where id = $1 and user_id = $2
        ), told as (
            select notification.id, notification.created_at from mine join notification on notification.reminder_id = mine.id
        ), way as (
            select delivery.*, coalesce(speaker.id, delivery.id) as tried_id,
                coalesce(speaker.attempts, delivery.attempts) as tried, coalesce(speaker.status, delivery.status) as result,
                coalesce(speaker.due_at, delivery.due_at) as leased_until
            from told join delivery on delivery.notification_id = told.id
            left join delivery as speaker on speaker.id = delivery.collapsed_into
        )
        select * from (
        select 0 as rank, created_at as time, 'scheduled' as step, null::text as channel, null::int as attempt, null::text as outcome,
            null::text as reason, null::timestamptz as remind_at, null::timestamptz as until
        from mine
        union all
        select 1, occurred_at, step, null, null, null, detail, remind_at, null from reminder_step where reminder_id in (select id from mine)
        union all
        select 2, fired_at, 'claimed', null, null, null, case when late then 'late' end, remind_at, null from mine where fired_at is not null
        union all
        select 3, published_at, 'published', null, null, null, null, null, null
        from (select coalesce(
                (select published_at from outbox where event_id = mine.due_event_id),
                (select consumed_at from inbox where event_id = mine.due_event_id and group_name = '{ReminderNotifier.GroupName}')) as published_at
            from mine) as event
        where published_at is not null
        union all
        select 4, created_at, 'notified', null, null, null, null, null, null from told
        union all
        select 5, deferred_at, 'deferred', channel, null, null, null, null, deferred_until from way where deferred_at is not null
        union all
        select 6, ended_at, 'collapsed', channel, null, null, null, null, null from way where status = 4
        union all
        select 7, ended_at, 'attempt', channel, 1, 'sent', null, null, null from way where status = 2 and attempts = 0
        union all
        select 7, coalesce(attempt.ended_at, attempt.started_at), 'attempt', way.channel, attempt.number,
            coalesce(attempt.outcome,
                case when way.tried > attempt.number or way.result <> 0 or way.leased_until <= $3 then 'interrupted' else 'running' end),
            attempt.reason, null, null
        from way join delivery_attempt as attempt on attempt.delivery_id = way.tried_id
        union all
        select 8, ended_at, 'given_up', channel, null, null, reason, null, null from way where status = 3
        union all
        select 8, ended_at, 'cancelled', channel, null, null, reason, null, null from way where status = 5
        union all
        select 9, sent_at, 'sent',
            (select way.channel from way left join delivery as speaker on speaker.id = way.collapsed_into
                where coalesce(speaker.status, way.status) = 2 order by coalesce(speaker.ended_at, way.ended_at), way.id limit 1),
            null, null, null, null, null
        from mine where status = 1
        union all
        select 9, updated_at, case status when 2 then 'failed' else 'cancelled' end, null, null, null, reason, null, null
        from mine where status in (2, 3)
        order by time desc, rank desc, attempt desc nulls first, channel desc limit 1000
        ) as newest
        order by time, rank, attempt, channel
        """;

    /// <summary>The newest 1,000 steps of a user's reminder, oldest first; none where they have no such reminder.</summary>
    public async Task<List<TraceStep>> Read(Guid user, Guid reminder, CancellationToken ct)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = reminder });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var steps = new List<TraceStep>();
        while (await rows.ReadAsync(ct))
        {
            steps.Add(new TraceStep
            {
                Time = rows.GetFieldValue<DateTimeOffset>(1),
                Step = rows.GetString(2),
                Channel = rows.IsDBNull(3) ? null : rows.GetString(3),
                Attempt = rows.IsDBNull(4) ? null : rows.GetInt32(4),
                Outcome = rows.IsDBNull(5) ? null : rows.GetString(5),
                Reason = rows.IsDBNull(6) ? null : rows.GetString(6),
                RemindAt = rows.IsDBNull(7) ? null : rows.GetFieldValue<DateTimeOffset>(7),
                Until = rows.IsDBNull(8) ? null : rows.GetFieldValue<DateTimeOffset>(8),
            });
        }

        return steps;
    }
}
