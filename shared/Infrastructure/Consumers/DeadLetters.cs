using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.Consumers;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Consumers;

/// <summary>Parks records that cannot be handled, publishes them on <c>&lt;topic&gt;.dead-letter</c>, and knows how far they were mended.</summary>
public sealed class DeadLetters(TimeProvider clock)
{
    private const int LongestKey = 500; // bytes; ours have 36

    /// <summary>
    /// Parks a record in a transaction that has begun. One that was parked at the same place before only gets the new
    /// reason and time.
    /// </summary>
    public async Task Park(UnitOfWork work, string group, EventRecord record, Event? read, string reason, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (id, digest) = (Guid.CreateVersion7(now), SHA256.HashData(record.Value ?? []));
        var headers = DeadLetter.WriteHeaders(record.Headers);
        var (why, correlationId) = (Storable(reason), Storable(read?.CorrelationId));
        var parked = await work.Db.Database.SqlQuery<Guid>(
            $"""
            insert into dead_letter (id, group_name, topic, partition, record_offset, digest, key, value, headers, reason, event_id,
                correlation_id, first_parked_at, last_parked_at)
            values ({id}, {group}, {record.Topic}, {record.Partition}, {record.Offset}, {digest}, {record.Key}, {record.Value},
                {headers}::json, {why}, {read?.Id}, {correlationId}, {now}, {now})
            on conflict (group_name, topic, partition, record_offset, digest) do update
                set reason = excluded.reason, last_parked_at = excluded.last_parked_at, replayed_at = null
            returning id as "Value"
            """).ToListAsync(ct);
        if (parked[0] != id)
        {
            return;
        }

        var key = KeyOf(record);
        work.Add(new OutboxEvent
        {
            EventId = id,
            Topic = record.Topic + Topics.DeadLetterSuffix,
            Key = key,
            Shard = Shards.Of(key),
            Payload = record.Value ?? [],
            CreatedAt = now,
            Headers = JsonSerializer.Serialize(new Dictionary<string, string>
            {
                ["dead-letter-id"] = id.ToString(),
                ["dead-letter-reason"] = why,
                ["dead-letter-group"] = group,
                ["dead-letter-topic"] = record.Topic,
                ["dead-letter-partition"] = record.Partition.ToString(CultureInfo.InvariantCulture),
                ["dead-letter-offset"] = record.Offset.ToString(CultureInfo.InvariantCulture),
            }),
        });
    }

    /// <summary>Marks a dead letter as one that was handled.</summary>
    public void MarkReplayed(UnitOfWork work, Guid id) => work.Execute(new NpgsqlBatchCommand("update dead_letter set replayed_at = $1 where id = $2")
    {
        Parameters =
        {
            new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() },
            new NpgsqlParameter<Guid> { TypedValue = id },
        },
    });

    // Whatever a record says, parking it may not fail. PostgreSQL's text holds neither NUL nor half a character, and an index no long key:
    // the whole one stands in the dead letter.
    [return: NotNullIfNotNull(nameof(text))]
    private static string? Storable(string? text) => text is null ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');

    private static string KeyOf(EventRecord record) =>
        record.Key is { Length: > LongestKey } key ? Convert.ToHexStringLower(SHA256.HashData(key)) : record.KeyText;
}
